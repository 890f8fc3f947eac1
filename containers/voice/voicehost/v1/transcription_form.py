"""What OpenAI's clients send to have a recording written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voicehost.audio.mono import KINDS
from voicehost.errors import RequestError
from voicehost.routes.hearing_models import LANGUAGE_TEXT
from voicehost.v1.multipart import Form
from voicehost.web.bodies import place

GRANULARITIES = "timestamp_granularities[]"
Format = Literal["json", "text", "srt", "verbose_json", "vtt"]


class TranscriptionForm(BaseModel):
    """Other fields are taken and have no effect."""

    model_config = ConfigDict(extra="ignore")

    file: bytes = Field(
        description=f"The recording: a {KINDS} file.", json_schema_extra={"format": "binary"}
    )
    model: str = Field(
        description="The engine's own model, or one of OpenAI's names, which all stand for it.",
        examples=["whisper-1"],
    )
    language: str | None = Field(
        None, description=f"{LANGUAGE_TEXT} Its English name, like `german`, is taken too."
    )
    response_format: Format = Field(
        "json",
        description="`srt` and `vtt` are subtitles, `text` is nothing but the text, "
        "`verbose_json` has the segments and, where they are asked for, the words.",
    )
    timestamp_granularities: list[Literal["segment", "word"]] = Field(
        default=[],
        alias=GRANULARITIES,
        description="What `verbose_json` has beside the text; segments when left out.",
    )
    stream: bool = Field(
        False,
        description="Whether json and text come as server-sent events: "
        "`transcript.text.delta` for each segment and `transcript.text.done`, all at the end.",
    )
    prompt: str | None = Field(None, description="Taken, and has no effect.")
    temperature: float | None = Field(None, ge=0, le=1, description="Taken, and has no effect.")


def parse_form(form: Form) -> TranscriptionForm:
    """Raises RequestError that names the first wrong field. What is empty counts as left out."""
    if "file" not in form.files:
        how = (
            "has to be a file: give the part a filename" if "file" in form.fields else "is missing"
        )
        raise RequestError(f"file: {how}. Send the recording in it.")
    given: dict[str, Any] = {name: values[-1] for name, values in form.fields.items() if values[-1]}
    given[GRANULARITIES] = _all(form.fields, GRANULARITIES, GRANULARITIES[:-2])
    try:
        parsed = TranscriptionForm.model_validate(given | {"file": form.files["file"]})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = "timestamp_granularities" if GRANULARITIES in first["loc"] else place(first["loc"])
        raise RequestError(f"{where}: {first['msg']}.") from None
    if parsed.timestamp_granularities and parsed.response_format != "verbose_json":
        raise RequestError("timestamp_granularities: needs response_format verbose_json.")
    if parsed.stream and parsed.response_format not in ("json", "text"):
        raise RequestError("stream: needs response_format json or text.")
    return parsed


def _all(fields: Mapping[str, Sequence[str]], *names: str) -> list[str]:
    return [value for name in names for value in fields.get(name, ()) if value]
