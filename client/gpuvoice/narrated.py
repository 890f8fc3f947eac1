"""What `/narrate` gives for a text: audio, word times, markers and subtitles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gpuvoice.encoding import to_audio
from gpuvoice.results import Clip, Word


@dataclass(frozen=True)
class Marker:
    """When a marker of the text is reached, in seconds; `word` is its place in `words`, None for
    the start or the end of the whole clip."""

    id: str
    time: float
    edge: Literal["start", "end"]
    word: int | None

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Marker:
        """Raises KeyError, TypeError or ValueError."""
        word = data["word"]
        edge: Literal["start", "end"] = "end" if data["edge"] == "end" else "start"
        return cls(str(data["id"]), float(data["time"]), edge, None if word is None else int(word))


@dataclass(frozen=True)
class Narrated:
    """One text, narrated; no `clip` and an `error` where it failed. `text` is without its markers,
    and `words` has one for each of `text.split()`. `verification` says what was heard, where that
    was asked for; its fields are those of the server's API document."""

    clip: Clip | None
    error: str = ""
    text: str = ""
    duration_seconds: float = 0.0
    words: tuple[Word, ...] = ()
    markers: tuple[Marker, ...] = ()
    vtt: str = ""
    srt: str = ""
    verification: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Narrated:
        """Raises KeyError, TypeError, ValueError or ServerFailed."""
        if data.get("error"):
            return cls(None, str(data["error"]))
        clip = Clip(
            to_audio(data["audio"]),
            int(data["sample_rate"]),
            data.get("seed"),
            data.get("finish_reason"),
            str(data["format"]),
        )
        return cls(
            clip,
            text=str(data["text"]),
            duration_seconds=float(data["duration"]),
            words=tuple(Word.read(word) for word in data["words"]),
            markers=tuple(Marker.read(marker) for marker in data["markers"]),
            vtt=str(data["vtt"]),
            srt=str(data["srt"]),
            verification=data.get("verification") or {},
        )
