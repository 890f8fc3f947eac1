"""The positional result of an alignment, and times for the words that an engine left without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class AlignedWord:
    """One whitespace-separated word of the reference text with its place in the audio.

    `start` and `end` are seconds from the start of the audio; `score` is 0..1; `aligned` is
    False when the times were interpolated and not heard.
    """

    word: str
    start: float
    end: float
    score: float
    aligned: bool


@dataclass(frozen=True, slots=True)
class Span:
    """Where an engine heard a word: seconds from the start of the audio, score 0..1."""

    start: float
    end: float
    score: float

    def later(self, seconds: float) -> Span:
        return Span(self.start + seconds, self.end + seconds, self.score)


def weight(word: str) -> int:
    """Relative length of a word when time has to be shared out: its letters and digits, or 1."""
    return max(1, sum(character.isalnum() for character in word))


def fill_gaps(
    words: Sequence[str],
    known: Mapping[int, Span],
    duration: float,
    *,
    speech: tuple[float, float] | None = None,
) -> list[AlignedWord]:
    """One `AlignedWord` per word, whatever the engine knew.

    `known` maps the index of a word to its span; the words between two known ones share the gap
    between these by `weight`. Words before the first or after the last known word share the time
    from the start or until the end of `speech` (seconds; the whole audio when None). All times
    lie in 0..`duration` (seconds) and never go backwards, even where `known` does. Never raises.
    """
    limit = duration if duration > 0 else 0.0
    first, last = speech or (0.0, limit)
    spans = _forward_only(known, len(words), limit)
    fences = [-1, *sorted(spans), len(words)]
    result: list[AlignedWord] = []
    for before, after in pairwise(fences):
        if before >= 0:
            span = spans[before]
            result.append(AlignedWord(words[before], span.start, span.end, span.score, True))
        left = spans[before].end if before >= 0 else 0.0
        right = spans[after].start if after in spans else limit
        left = left if before >= 0 else min(max(first, 0.0), right)
        right = right if after in spans else min(max(last, left), limit)
        result += _share(words[before + 1 : after], left, right)
    return result


def _forward_only(known: Mapping[int, Span], count: int, limit: float) -> dict[int, Span]:
    """The known spans inside 0..limit, each starting where the one before it ended or later."""
    spans: dict[int, Span] = {}
    reached = 0.0
    for index in sorted(known):
        span = known[index]
        times_are_numbers = span.start == span.start and span.end == span.end
        if not 0 <= index < count or not times_are_numbers:
            continue
        start = min(max(span.start, reached), limit)
        reached = min(max(span.end, start), limit)
        score = min(max(span.score, 0.0), 1.0) if span.score == span.score else 0.0
        spans[index] = Span(start, reached, score)
    return spans


def _share(words: Sequence[str], left: float, right: float) -> list[AlignedWord]:
    """The words one after the other between `left` and `right`, each as long as its weight."""
    total = sum(weight(word) for word in words)
    result: list[AlignedWord] = []
    passed = 0
    start = left
    for word in words:
        passed += weight(word)
        end = max(start, min(right, left + (right - left) * passed / total))
        result.append(AlignedWord(word, start, end, 0.0, False))
        start = end
    return result
