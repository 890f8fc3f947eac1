"""Subtitles of the whole presentation, as WebVTT and SubRip."""

import html
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from webvtt import Caption, WebVTT
from webvtt.models import Timestamp

from examples.narration.align import Word
from examples.narration.cues import Cue, cues_of

LINGER_S = 0.3
SHORTEST_CUE_S = 0.04


def cues_for(segments: Iterable[tuple[Sequence[Word], float]], audio_s: float) -> list[Cue]:
    """Cues for the words of all segments, each given with the second its recording starts.

    They follow one another without overlap and end with the audio at the latest.
    """
    cues: list[Cue] = []
    for words, start_s in segments:
        cues += cues_of([word.later(start_s) for word in words])
    return _in_turn(cues, audio_s)


def _in_turn(cues: Sequence[Cue], audio_s: float) -> list[Cue]:
    """Let each cue linger for the slow reader, but never into the next one."""
    ordered: list[Cue] = []
    limit_s = audio_s
    for cue in reversed(cues):
        end = min(cue.end + LINGER_S, limit_s)
        # Interpolated words may all share one instant; players drop a cue of no length.
        start = max(0.0, min(cue.start, end - SHORTEST_CUE_S))
        ordered.append(replace(cue, start=start, end=end))
        limit_s = start
    return ordered[::-1]


def write_webvtt(path: Path, title: str, cues: Sequence[Cue]) -> None:
    """Write cues as WebVTT."""
    captions = [
        _caption(cue, [html.escape(line, quote=False) for line in cue.lines]) for cue in cues
    ]
    WebVTT(captions=captions, header_text=title).save(str(path))


def write_subrip(path: Path, cues: Sequence[Cue]) -> None:
    """Write cues as SubRip; `<...>` in a text counts as formatting and is dropped."""
    WebVTT(captions=[_caption(cue, cue.lines) for cue in cues]).save_as_srt(str(path))


def _caption(cue: Cue, lines: Sequence[str]) -> Caption:
    start, end = (str(Timestamp.from_seconds(seconds)) for seconds in (cue.start, cue.end))
    return Caption(start, end, lines)
