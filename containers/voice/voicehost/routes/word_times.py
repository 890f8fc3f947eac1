"""Word times as they leave the server."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from voicehost.alignment.words import AlignedWord


class AlignedWordBody(BaseModel):
    """One whitespace-separated word of the text, at its position."""

    word: str
    start: float = Field(ge=0, description="Seconds from the start of the audio.")
    end: float = Field(ge=0)
    score: float = Field(ge=0, le=1, description="How well the audio matches the word.")
    aligned: bool = Field(description="False when the times were interpolated between neighbours.")


def words_body(words: Sequence[AlignedWord]) -> list[dict[str, Any]]:
    """Times in whole milliseconds, rounded down so that none lies behind the audio's end."""
    return [
        {
            "word": word.word,
            "start": _milliseconds(word.start),
            "end": _milliseconds(word.end),
            "score": round(word.score, 3),
            "aligned": word.aligned,
        }
        for word in words
    ]


def _milliseconds(seconds: float) -> float:
    # A thousandth of a millisecond forgives binary fractions: 0.29 stays 0.29.
    return math.floor(seconds * 1000 + 1e-3) / 1000
