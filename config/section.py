"""What all sections of the settings share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """Frozen; an unknown key is an error, and so are infinity and NaN. Every field says its unit
    and what it does."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Days = Annotated[int, Field(ge=0, le=3653)]
# A field's own limit would not stand beside the one above: the last that is named holds.
SomeDays = Annotated[int, Field(ge=1, le=3653)]
Origin = Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.-]+(:\d{1,5})?$")]
Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:\d{1,5})?$")]
