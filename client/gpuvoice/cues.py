"""Divide the words of a segment into cues that can be read at a glance.

Every division into cues of at most two lines of 42 characters is weighed: a cue should end
where a sentence or a clause ends, and should be neither a flash nor a wall of text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gpuvoice.results import Word

LINE_CHARACTERS = 42
LONGEST_S = 7.0
SHORTEST_S = 1.2
COST_OF_A_CUE = 2.0

_ABBREVIATION = re.compile(r"\b(Mr|Mrs|Ms|Dr|St|No|approx|e\.g|i\.e|[ap]\.m)\.$", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.?!][\"')\]]*$")
_CLAUSE_END = re.compile(r"[,;:][\"')\]]*$")


@dataclass(frozen=True)
class Cue:
    """One or two lines of text and the seconds in which they are shown."""

    lines: tuple[str, ...]
    start: float
    end: float


def cues_of(words: Sequence[Word]) -> list[Cue]:
    """The cheapest division of the words of one segment into cues; no word is left out."""
    # cheapest[n]: the cost of all cues from word n on, and the first of these cues' last word.
    cheapest = [(0.0, len(words))] * (len(words) + 1)
    for first in reversed(range(len(words))):
        cheapest[first] = min(
            (_cost(words[first:after]) + cheapest[after][0], after)
            for after in range(first + 1, len(words) + 1)
            if lines_of(words[first:after])
        )
    cues: list[Cue] = []
    first = 0
    while first < len(words):
        after = cheapest[first][1]
        cue = words[first:after]
        cues.append(Cue(lines_of(cue), cue[0].start, cue[-1].end))
        first = after
    return cues


def lines_of(words: Sequence[Word]) -> tuple[str, ...]:
    """The words in one line of at most 42 characters, or in two that divide well, or nothing.

    A single word that is longer has a line of its own.
    """
    texts = [word.word for word in words]
    whole = " ".join(texts)
    if len(whole) <= LINE_CHARACTERS or len(words) == 1:
        return (whole,)
    if len(whole) > 2 * LINE_CHARACTERS + 1:
        return ()
    halves = [(" ".join(texts[:n]), " ".join(texts[n:])) for n in range(1, len(texts))]
    fitting = [pair for pair in halves if max(map(len, pair)) <= LINE_CHARACTERS]
    return min(fitting, key=_raggedness, default=())


def _raggedness(lines: tuple[str, str]) -> float:
    above, below = lines
    return abs(len(above) - len(below)) + 6.0 * _cost_of_a_break(above)


def _cost(cue: Sequence[Word]) -> float:
    duration_s = cue[-1].end - cue[0].start
    flash = 3.0 * max(0.0, SHORTEST_S - duration_s)
    wall = 2.0 * max(0.0, duration_s - LONGEST_S)
    return COST_OF_A_CUE + _cost_of_a_break(cue[-1].word) + flash + wall


def _cost_of_a_break(text: str) -> float:
    """How much it hurts to end a line or a cue after `text`."""
    if _ABBREVIATION.search(text):
        return 8.0
    if _SENTENCE_END.search(text):
        return 0.0
    return 1.0 if _CLAUSE_END.search(text) else 4.0
