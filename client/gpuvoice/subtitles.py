"""Subtitles of spoken texts, as WebVTT and SubRip."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import replace

from gpuvoice.cues import Cue, cues_of
from gpuvoice.results import Word

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


def webvtt(title: str, cues: Sequence[Cue]) -> str:
    """The cues as a WebVTT file with `title`, which may be empty, in its head."""
    # https://www.w3.org/TR/webvtt1/#syntax
    head = f"WEBVTT {' '.join(title.split()).replace('-->', '->')}".rstrip()
    blocks = [f"{_times(cue, '.')}\n{html.escape(_text(cue), quote=False)}" for cue in cues]
    return "\n\n".join([head, *blocks]) + "\n"


def subrip(cues: Sequence[Cue]) -> str:
    """The cues as a SubRip file; players may take `<...>` in a text for formatting."""
    blocks = [f"{number}\n{_times(cue, ',')}\n{_text(cue)}\n" for number, cue in enumerate(cues, 1)]
    return "\n".join(blocks)


def _text(cue: Cue) -> str:
    return "\n".join(cue.lines)


def _times(cue: Cue, point: str) -> str:
    return f"{_time(cue.start, point)} --> {_time(cue.end, point)}"


def _time(seconds: float, point: str) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds / 1000:06.3f}".replace(".", point)
