"""The files that a finished presentation consists of, beside its clips."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gpuvoice.narration.sound import Recording, join
from gpuvoice.narration.whole_file import write_whole
from gpuvoice.narration.word_errors import Comparison
from gpuvoice.results import Alignment
from gpuvoice.subtitles import cues_for, subrip, webvtt

ALIGNMENT, WAV, VTT, SRT = "alignment.json", "narration.wav", "narration.vtt", "narration.srt"
TIMED = (ALIGNMENT, VTT, SRT)


@dataclass(frozen=True)
class Part:
    """A segment as it is delivered; `wav` is its file, seen from the folder."""

    id: str
    text: str
    wav: str
    recording: Recording
    alignment: Alignment | None
    comparison: Comparison | None

    def entry(self) -> dict[str, Any]:
        """What alignment.json says of it."""
        words = self.alignment.words if self.alignment else ()
        rate = None if self.comparison is None else round(self.comparison.error_rate, 4)
        return {
            "id": self.id,
            "text": self.text,
            "wav": self.wav,
            "duration": round(self.recording.duration_s, 3),
            "heard": None if self.comparison is None else self.comparison.heard,
            "word_error_rate": rate,
            "words": [asdict(word) for word in words],
        }


def deliver(folder: Path, title: str, parts: Sequence[Part], gap_s: float) -> None:
    """Write the joined recording, with `gap_s` seconds of silence between segments, and, where
    words have times, alignment.json and subtitles; those of an earlier run would not fit and go.
    """
    whole, starts = join([part.recording for part in parts], gap_s)
    write_whole(folder / WAV, whole.wav())
    if not all(part.alignment for part in parts):
        for name in TIMED:
            (folder / name).unlink(missing_ok=True)
        return
    entries = json.dumps([part.entry() for part in parts], indent=1)
    write_whole(folder / ALIGNMENT, entries.encode())
    timed = [
        (part.alignment.words, at)
        for part, at in zip(parts, starts, strict=True)
        if part.alignment and part.alignment.words
    ]
    cues = cues_for(timed, whole.duration_s)
    write_whole(folder / VTT, webvtt(title, cues).encode())
    write_whole(folder / SRT, subrip(cues).encode())
