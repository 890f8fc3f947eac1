"""Requests and answers of the text-to-speech server."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from voicehost.audio.formats import AudioFormat
from voicehost.routes.catalog import FirstError, Strict
from voicehost.routes.delivery import DELIVERY, Delivery, StoredAnswer
from voicehost.routes.jobs_models import CALLBACK
from voicehost.speaking.text import SEEDS

LANGUAGE: Any = Field(
    None, description="ISO 639-1 code of the texts' language; the server's own when left out."
)
VOICE_TEXT = (
    "Who speaks: a name from `voices` of `/health`, in any case; the server's own speaker when "
    "empty or left out."
)
SEED_TEXT = (
    "For models that sample: the same seed gives the same take of a text, another one another. A "
    "new one is drawn when left out."
)
FORMAT: Any = Field(
    "wav",
    description="Format of the audio: wav and flac are exact, mp3, opus (in Ogg) and aac smaller, "
    "pcm the bare samples, 16 bit little-endian.",
)
AUDIO = {"contentEncoding": "base64"}


class GenerateRequest(Strict):
    text: str = Field(
        description="What to say.", json_schema_extra={"maxLength": "text_characters"}
    )
    instruct: str | None = Field(
        None,
        description="How to say it, for models that take it.",
        json_schema_extra={"maxLength": "instruct_characters"},
    )
    language: str | None = LANGUAGE
    voice: str | None = Field(None, description=VOICE_TEXT)
    seed: int | None = Field(None, ge=0, lt=SEEDS, description=SEED_TEXT)
    format: AudioFormat = FORMAT


class GenerateBatchRequest(Strict):
    texts: Annotated[list[str], FirstError()] = Field(
        description="What to say, one clip each.",
        json_schema_extra={"minItems": 1, "maxItems": "texts"},
    )
    instruct: str | None = Field(
        None,
        description="How to say all of them.",
        json_schema_extra={"maxLength": "instruct_characters"},
    )
    instructs: Annotated[list[str | None], FirstError()] | None = Field(
        None,
        description="How to say each; an empty one means none. Wins over `instruct`.",
    )
    language: str | None = LANGUAGE
    voice: str | None = Field(None, description=VOICE_TEXT)
    voices: Annotated[list[str | None], FirstError()] | None = Field(
        None,
        description="Who speaks each text; an empty one means the server's own speaker. Wins over "
        "`voice`.",
    )
    seed: int | None = Field(
        None, ge=0, lt=SEEDS, description=f"{SEED_TEXT} The n-th text has the n-th seed from it on."
    )
    seeds: Annotated[list[Annotated[int, Field(ge=0, lt=SEEDS)] | None], FirstError()] | None = (
        Field(None, description="A seed for each text; a null one is drawn. Wins over `seed`.")
    )
    batch: bool | None = Field(
        None, description="How the model is driven; never changes what comes back."
    )
    format: AudioFormat = FORMAT
    delivery: Delivery = DELIVERY
    callback: str | None = CALLBACK


class Take(BaseModel):
    """How one clip came to be."""

    finish_reason: Literal["stop", "length"] = Field(
        description="`length`: the model found no end and was cut off; try another seed."
    )
    seed: int = Field(ge=0, lt=SEEDS, description="Gives this take again; 0 of a model without.")
    reused: bool = Field(description="Whether it came from the audio store, made before.")


class GenerateAnswer(Take):
    audio: str = Field(
        description="An audio file, 24000 Hz and mono; a WAV file of 16 bit unless `format` asked "
        "for another.",
        json_schema_extra=dict(AUDIO),
    )
    format: AudioFormat
    sample_rate: Literal[24000]
    success: Literal[True]


class GenerateBatchAnswer(BaseModel):
    audios: list[str] = Field(description="An audio file for each text, in their order.")
    takes: list[Take] = Field(description="How each came to be, in the same order.")
    format: AudioFormat
    sample_rate: Literal[24000]
    count: int
    success: Literal[True]


class StoredClipsAnswer(StoredAnswer):
    """With `delivery` s3: an audio file for each text, in their order."""

    takes: list[Take]
    format: AudioFormat
    sample_rate: Literal[24000]
