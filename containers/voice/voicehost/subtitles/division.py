"""Divide words into cues that can be read at a glance.

Every division into cues of at most two lines is weighed: a cue should end with a sentence, a
clause or a pause, and be neither a flash nor a wall of text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from voicehost.subtitles.tokens import LINE_COLUMNS, Token, joined

LONGEST_SECONDS = 7.0
SHORTEST_SECONDS = 1.2
# A silence in the middle of a cue that tells what comes next too early.
PAUSE_SECONDS = 0.8

COST_OF_A_CUE = 2.0
COST_OF_A_PAUSE = 8.0

_ABBREVIATION = re.compile(r"^\W*(Mr|Mrs|Ms|Dr|Prof|St|No|vs|e\.g|i\.e|[A-Z])\.$")
_SENTENCE = re.compile(r"[.?!…。！？｡][\"'”’»)\]」』]*$")
_CLAUSE = re.compile(r"[,;:、，；：–—][\"'”’»)\]」』]*$")


def divide(given: Sequence[Token]) -> list[Sequence[Token]]:
    """The cheapest division: each part fits in two lines and lasts `LONGEST_SECONDS` at most,
    unless it is a single token that takes longer."""
    reach = _reach(given)
    # cheapest[n]: what all cues from token n on cost, and where the first of them ends.
    cheapest = [(0.0, len(given))] * (len(given) + 1)
    for first in reversed(range(len(given))):
        second = reach[first]
        furthest = reach[second] if second < len(given) else second
        cheapest[first] = min(
            (_cost(given, first, after) + cheapest[after][0], after)
            for after in range(first + 1, furthest + 1)
            if after == first + 1 or _seconds(given, first, after) <= LONGEST_SECONDS
        )
    parts = []
    first = 0
    while first < len(given):
        after = cheapest[first][1]
        parts.append(given[first:after])
        first = after
    return parts


def in_lines(part: Sequence[Token]) -> str:
    """A part that `divide` made, in one line or in two of about the same width."""
    if _reach(part)[0] == len(part):
        return joined(part)
    halves = [(joined(part[:n]), joined(part[n:]), n) for n in _breaks(part)]
    above, below, _ = min(
        halves, key=lambda half: abs(len(half[0]) - len(half[1])) + 3.0 * _break(part[half[2] - 1])
    )
    return f"{above}\n{below}"


def _breaks(part: Sequence[Token]) -> list[int]:
    """Where both lines fit."""
    reach = _reach(part)
    return [n for n in range(1, len(part)) if reach[0] >= n and reach[n] == len(part)]


def _reach(given: Sequence[Token]) -> list[int]:
    """For each token: how far a line that begins with it goes. A token alone always fits."""
    reach = [0] * len(given)
    after, width = 0, 0
    for first in range(len(given)):
        if after == first:
            after, width = first + 1, given[first].columns
        while after < len(given):
            wider = width + given[after].columns + (not given[after].joined)
            if wider > LINE_COLUMNS:
                break
            after, width = after + 1, wider
        reach[first] = after
        if after > first + 1:
            width -= given[first].columns + (not given[first + 1].joined)
    return reach


def _seconds(given: Sequence[Token], first: int, after: int) -> float:
    return given[after - 1].end - given[first].start


def _cost(given: Sequence[Token], first: int, after: int) -> float:
    flash = 3.0 * max(0.0, SHORTEST_SECONDS - _seconds(given, first, after))
    pauses = sum(_pause(given, n) for n in range(first + 1, after))
    end = 0.0 if after == len(given) else _break(given[after - 1])
    return COST_OF_A_CUE + end + flash + COST_OF_A_PAUSE * pauses


def _pause(given: Sequence[Token], n: int) -> bool:
    return given[n].start - given[n - 1].end > PAUSE_SECONDS


def _break(token: Token) -> float:
    """How much it hurts to end a line or a cue after this token."""
    if _ABBREVIATION.search(token.text):
        return 8.0
    if _SENTENCE.search(token.text):
        return 0.0
    return 1.0 if _CLAUSE.search(token.text) else 4.0
