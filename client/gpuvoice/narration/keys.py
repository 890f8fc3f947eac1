"""What a result depends on, as a hash: the same key, and it need not be made again."""

from __future__ import annotations

import hashlib
import json

from gpuvoice.narration.script import Segment
from gpuvoice.narration.settings import Models, Settings
from gpuvoice.narration.spoken_text import spoken

FORMAT = 1
SEEDS = 2**32


def speech_key(segment: Segment, settings: Settings, models: Models) -> str:
    """Of everything that the voice is told, and of the model."""
    voice = settings.voice_of(segment) or models.speaker
    return _hash(
        {
            "text": spoken(segment.text),
            "instruct": segment.instruct.strip(),
            "voice": voice.lower(),
            "language": settings.language_of(segment) or models.language_code,
            "model": models.speech,
            "seed": settings.seed,
        }
    )


def hearing_key(clip_sha256: str, language: str, models: Models) -> str:
    """Of what a recognition model hears in a clip."""
    return _hash({"clip": clip_sha256, "language": language, "model": models.recognition})


def words_key(clip_sha256: str, text: str, language: str, models: Models) -> str:
    """Of the times of a text's words in a clip."""
    told = {"clip": clip_sha256, "words": text.split(), "language": language}
    return _hash({**told, "model": models.recognition})


def next_seed(key: str, attempt: int) -> int:
    """The seed of another take: another one for each, and the same one on the next day."""
    return int(_hash({"key": key, "attempt": attempt})[:8], 16) % SEEDS


def _hash(told: dict[str, object]) -> str:
    canonical = json.dumps({"format": FORMAT, **told}, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
