"""What is written down of a job."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from voicehost.memory.wish import Wish

Status = Literal["queued", "running", "done", "cancelled", "failed"]


class Head(BaseModel):
    """The call, without its items. `key` is the name of the caller's key, `folder` what is kept for
    it; `wish` is what the audio store may do; `callback` a URL to call at the end.
    """

    id: str = Field(pattern="^[0-9a-f]{32}$")
    folder: str
    key: str
    queue_items: int | None
    path: str
    count: int = Field(ge=1)
    wish: Wish
    callback: str | None
    created_at: AwareDatetime


class Failure(BaseModel):
    """Why an item has no result: a sentence, and the status that a single call would have had."""

    error: str
    status: int


class End(BaseModel):
    """How a job ended: `failures` by index, `undone` are the items that were cancelled. `told` says
    that nobody is left to be called."""

    status: Literal["done", "cancelled", "failed"]
    ended_at: AwareDatetime
    failures: dict[int, Failure]
    undone: list[int]
    told: bool


class Marker(BaseModel):
    """That a job is open: how often it was begun since an item was finished last, and how many were
    finished then."""

    begun: int = Field(0, ge=0)
    finished: int = Field(0, ge=0)


Kind = TypeVar("Kind", bound=BaseModel)


def read(kind: type[Kind], data: bytes | None) -> Kind | None:
    """None for what is not there or is damaged."""
    if data is None:
        return None
    try:
        return kind.model_validate_json(data)
    except ValidationError:
        return None


def now() -> datetime:
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """In UTC, as answers say it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
