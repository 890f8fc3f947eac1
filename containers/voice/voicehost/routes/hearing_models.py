"""Requests and answers of the WhisperX server."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from voicehost.audio.mono import KINDS
from voicehost.routes.catalog import FirstError, Strict
from voicehost.routes.delivery import DELIVERY, Delivery
from voicehost.routes.jobs_models import CALLBACK
from voicehost.routes.word_times import AlignedWordBody

AUDIO = {"contentEncoding": "base64", "format": "audio-base64"}
AUDIO_TEXT = f"Base64 of an audio file: {KINDS}; at any rate, mono or stereo."
# A millisecond of silence, so that the examples can be sent as they are.
TINY_WAV = "UklGRiwAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQgAAACAgICAgICAgA=="
LANGUAGE_TEXT = "ISO 639-1 code of the language spoken; the model's first one when left out."


class TranscribeRequest(Strict):
    audio: str = Field(description=AUDIO_TEXT, json_schema_extra=dict(AUDIO))
    language: str | None = Field(None, description=LANGUAGE_TEXT)


class TranscribeBatchRequest(Strict):
    audios: Annotated[list[str], FirstError()] = Field(
        description=AUDIO_TEXT,
        json_schema_extra={
            "minItems": 1,
            "maxItems": "audios",
            "items": {"type": "string", **AUDIO},
        },
    )
    language: str | None = Field(None, description=LANGUAGE_TEXT)
    delivery: Delivery = DELIVERY
    callback: str | None = CALLBACK


class AlignItem(Strict):
    audio: str = Field(description=AUDIO_TEXT, json_schema_extra=dict(AUDIO))
    text: str = Field(
        description="What is said in it.", json_schema_extra={"maxLength": "align_characters"}
    )


class AlignRequest(AlignItem):
    language: str | None = Field(None, description=LANGUAGE_TEXT)


class AlignBatchRequest(Strict):
    items: list[Any] = Field(
        description="What is said in which audio. An item of another shape gets an error of its "
        "own; the others are aligned.",
        json_schema_extra={
            "minItems": 1,
            "maxItems": "audios",
            "items": {"anyOf": [{"$ref": "#/components/schemas/AlignItem"}, {}]},
        },
    )
    language: str | None = Field(None, description=LANGUAGE_TEXT)
    delivery: Delivery = DELIVERY
    callback: str | None = CALLBACK


class TranscribeAnswer(BaseModel):
    text: str
    success: Literal[True]


class Transcription(BaseModel):
    text: str


class TranscribeBatchAnswer(BaseModel):
    transcriptions: list[Transcription] = Field(description="One for each audio, in their order.")
    count: int
    success: Literal[True]


class AlignAnswer(BaseModel):
    words: list[AlignedWordBody]
    success: Literal[True]


class Alignment(BaseModel):
    """The words of one item; or none, and the error that this item had."""

    words: list[AlignedWordBody]
    error: str = ""


class AlignBatchAnswer(BaseModel):
    alignments: list[Alignment] = Field(description="One for each item, in their order.")
    count: int
    success: Literal[True]
