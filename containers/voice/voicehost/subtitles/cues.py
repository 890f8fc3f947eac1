"""Cues of subtitles, from words with times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from voicehost.subtitles.division import divide, in_lines
from voicehost.subtitles.tokens import TimedWord, Token, tokens

LINGER_MS = 300
SHOWN_AT_LEAST_MS = 1000
SHORTEST_MS = 40


@dataclass(frozen=True, slots=True)
class Cue:
    """One or two lines of text and when they are shown, in seconds, whole milliseconds."""

    start: float
    end: float
    text: str


def cues(words: Iterable[TimedWord], seconds: float | None = None) -> list[Cue]:
    """Cues that show all words, in their order.

    `words` are (word, start, end), in order, seconds from the audio's start; `seconds` is the
    audio's length: no cue is shown longer, if that leaves each its `SHORTEST_MS`. Lines have
    42 columns at most. Cues have a length, and never overlap.
    """
    given = [token for token in tokens(words) if token.text]
    parts = divide(given)
    times = _times(parts, None if seconds is None else int(seconds * 1000))
    return [
        Cue(start / 1000, end / 1000, in_lines(part))
        for part, (start, end) in zip(parts, times, strict=True)
    ]


def _times(parts: Sequence[Sequence[Token]], limit: int | None) -> list[tuple[int, int]]:
    """Milliseconds of each part: it lingers for the slow reader, but never into the next one."""
    times: list[tuple[int, int]] = []
    for part in reversed(parts):
        start, spoken = round(part[0].start * 1000), round(part[-1].end * 1000)
        end = max(spoken + LINGER_MS, start + SHOWN_AT_LEAST_MS)
        end = end if limit is None else min(end, limit)
        # Words that could not be heard may share one instant; players drop a cue without length.
        limit = min(start, end - SHORTEST_MS)
        times.append((limit, end))
    times.reverse()
    shown = 0
    for number, (start, end) in enumerate(times):
        start = max(start, shown)
        shown = max(end, start + 1)
        times[number] = (start, shown)
    return times
