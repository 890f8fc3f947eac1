"""Requests and answers of `/narrate`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from voicehost.audio.formats import AudioFormat
from voicehost.routes.catalog import FirstError, Strict
from voicehost.routes.delivery import DELIVERY, Delivery, StoredResultBody
from voicehost.routes.jobs_models import CALLBACK
from voicehost.routes.speech_models import FORMAT, LANGUAGE, SEED_TEXT, VOICE_TEXT, Take
from voicehost.routes.word_times import AlignedWordBody
from voicehost.speaking.text import SEEDS

TEXT = (
    "What to say. `{#name}` before a word and `{name#}` after it mark its start and end: they are "
    "not spoken, and `markers` gives their times."
)
VERIFIED: Any = Field(
    None, description="What was found by listening; there when `verify` was given."
)
STORED: Any = Field(None, description="With `delivery` s3: where it is stored.")


class NarrateRequest(Strict):
    text: str | None = Field(
        None, description=TEXT, json_schema_extra={"maxLength": "text_characters"}
    )
    texts: Annotated[list[str], FirstError()] | None = Field(
        None,
        description="Several, instead of `text`.",
        json_schema_extra={"minItems": 1, "maxItems": "texts"},
    )
    instruct: str | None = Field(
        None,
        description="How to say it, for models that take it.",
        json_schema_extra={"maxLength": "instruct_characters"},
    )
    instructs: Annotated[list[str | None], FirstError()] | None = Field(
        None, description="How to say each of `texts`. Wins over `instruct`."
    )
    language: str | None = LANGUAGE
    voice: str | None = Field(None, description=VOICE_TEXT)
    voices: Annotated[list[str | None], FirstError()] | None = Field(
        None, description="Who speaks each of `texts`. Wins over `voice`."
    )
    seed: int | None = Field(
        None,
        ge=0,
        lt=SEEDS,
        description=f"{SEED_TEXT} The n-th of `texts` has the n-th from it on.",
    )
    seeds: Annotated[list[Annotated[int, Field(ge=0, lt=SEEDS)] | None], FirstError()] | None = (
        Field(None, description="A seed for each of `texts`. Wins over `seed`.")
    )
    format: AudioFormat = FORMAT
    verify: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Listen to each clip, and speak it again while its word error rate is above "
        "this; 0.1 is usual. Not checked when left out.",
    )
    attempts: int = Field(
        3, ge=1, le=5, description="Most takes of a text; the best is given when none is good."
    )
    delivery: Delivery = DELIVERY
    callback: str | None = CALLBACK


class MarkerBody(BaseModel):
    """When a marker is reached."""

    id: str
    time: float = Field(ge=0, description="Seconds from the start of the audio.")
    edge: Literal["start", "end"]
    word: int | None = Field(
        description="The word whose start or end it is, as a place in `words`; null for the start "
        "or the end of the whole clip, where there is no such word."
    )


class Verification(BaseModel):
    """What was found by listening to a clip."""

    passed: bool
    word_error_rate: float = Field(
        ge=0,
        description="Wrong, missing and added words for each word of the text; characters in "
        "languages without spaces.",
    )
    attempts: int = Field(ge=1, description="Takes that were made.")
    reasons: list[str] = Field(description="Why it did not pass; empty when it did.")
    heard: str = Field(description="What was understood.")
    level: float = Field(description="Of the speech, in dB below full scale.")
    leading_silence: float = Field(ge=0, description="Seconds; so are the other two.")
    longest_silence: float = Field(ge=0, description="Between words.")
    trailing_silence: float = Field(ge=0)


class Narration(Take):
    """A narrated text; `audio`, or `result` with `delivery` s3."""

    audio: str = Field("", description="Base64 of the audio file.")
    result: StoredResultBody | None = STORED
    format: AudioFormat
    sample_rate: Literal[24000]
    duration: float = Field(ge=0, description="Seconds.")
    text: str = Field(description="What is said, without markers.")
    words: list[AlignedWordBody] = Field(
        description="One for each of the text's words, which white space divides, in their order."
    )
    markers: list[MarkerBody] = Field(description="In the order of the text.")
    vtt: str = Field(description="Subtitles as a WebVTT file.")
    srt: str = Field(description="The same as a SubRip file.")
    verification: Verification | None = VERIFIED


class NarrateAnswer(Narration):
    success: Literal[True]


class FailedNarration(BaseModel):
    """A text that failed; the others are there."""

    error: str
    status: int = Field(description="What the status of a call for this text alone would be.")


class NarrateBatchAnswer(BaseModel):
    items: list[Narration | FailedNarration] = Field(
        description="One for each of `texts`, in their order."
    )
    count: int
    failed: int
    success: Literal[True]
