"""What the servers give: clips, transcriptions, word times."""

from __future__ import annotations

import io
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gpuvoice.errors import MissingExtra, ServerFailed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FULL_SCALE = 32768.0


@dataclass(frozen=True)
class Clip:
    """Speech: `audio` is a complete file, mono, `sample_rate` in Hz: WAV of 16 bit, or of the
    `format` that was asked for.

    `seed` gives this take again; `finish_reason` is `length` when the model found no end and was
    cut off. Both are None from a server that does not tell.
    """

    audio: bytes
    sample_rate: int
    seed: int | None = None
    finish_reason: str | None = None
    format: str = "wav"

    def __repr__(self) -> str:
        if self.format != "wav":
            return f"Clip({self.format}, {len(self.audio)} bytes, seed={self.seed})"
        return f"Clip({self.duration_seconds:.2f} s, {self.sample_rate} Hz, seed={self.seed})"

    @cached_property
    def duration_seconds(self) -> float:
        """Of WAV. Raises ServerFailed for other audio."""
        try:
            with wave.open(io.BytesIO(self.audio)) as file:
                frames, rate = file.getnframes(), file.getframerate()
            return float(frames / rate)
        except (wave.Error, EOFError, ZeroDivisionError):
            raise ServerFailed("The server sent audio that is not a WAV file.") from None

    def samples(self) -> NDArray[np.float32]:
        """Of WAV, shape (frames,), -1 to 1. Raises MissingExtra without numpy."""
        try:
            import numpy
        except ImportError:
            raise MissingExtra("arrays", "Audio as an array") from None
        with wave.open(io.BytesIO(self.audio)) as file:
            pcm = file.readframes(file.getnframes())
        return (numpy.frombuffer(pcm, "<i2") / FULL_SCALE).astype(numpy.float32)


@dataclass(frozen=True)
class Transcription:
    text: str


@dataclass(frozen=True)
class Word:
    """A word of the text and its seconds in the audio; not `aligned` means interpolated."""

    word: str
    start: float
    end: float
    score: float
    aligned: bool = True

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Word:
        """Raises KeyError, TypeError or ValueError."""
        start, end = float(data["start"]), float(data["end"])
        aligned = bool(data.get("aligned", True))
        return cls(str(data["word"]), start, end, float(data["score"]), aligned)

    def later(self, seconds: float) -> Word:
        """The same word in audio that starts `seconds` earlier."""
        return Word(self.word, self.start + seconds, self.end + seconds, self.score, self.aligned)


@dataclass(frozen=True)
class Alignment:
    """One word for each of `text.split()`, in order; none and an `error` where it failed."""

    words: tuple[Word, ...]
    error: str = ""

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Alignment:
        """Raises KeyError, TypeError or ValueError."""
        words = tuple(Word.read(word) for word in data["words"])
        return cls(words, str(data.get("error") or ""))
