"""How a presentation is to be narrated, and by which models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gpuvoice.narration.script import Segment


@dataclass(frozen=True)
class Settings:
    """`verify` is the highest word error rate, 0.1 for 10 %; None: not listened to. `tries` are
    the takes that a segment gets at most, `parallel` the segments under way at once."""

    verify: float | None = None
    tries: int = 3
    language: str = ""
    voice: str = ""
    seed: int | None = None
    parallel: int = 8
    gap_seconds: float = 0.4
    align: bool = True

    def voice_of(self, segment: Segment) -> str:
        """The voice to ask for; empty: the server's own."""
        return segment.voice or self.voice

    def language_of(self, segment: Segment) -> str:
        """The language to ask for; empty: the server's own."""
        return segment.language or self.language

    @property
    def listens(self) -> bool:
        """Whether the recognition server has work."""
        return self.align or self.verify is not None


@dataclass(frozen=True)
class Models:
    """Who speaks and who listens, as their `/health` tells it."""

    speech: str
    speaker: str
    language: str
    recognition: str = ""

    @property
    def language_code(self) -> str:
        """Of the server's own language, by which it is spoken where none is asked for; of its
        names only that of English is known, and empty is what was not told."""
        name = self.language.lower()
        return "en" if name == "english" else name

    @classmethod
    def read(cls, speech: Mapping[str, Any], recognition: Mapping[str, Any]) -> Models:
        """From two answers of `/health`; older servers tell less."""
        return cls(
            _first(speech, "model", "engine"),
            _first(speech, "speaker"),
            _first(speech, "language"),
            _first(recognition, "model", "model_size", "engine"),
        )


def _first(health: Mapping[str, Any], *names: str) -> str:
    return next((str(health[name]) for name in names if health.get(name)), "")
