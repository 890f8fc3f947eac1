"""What cues are made of: words, and the parts of words that are too long for a line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

LINE_COLUMNS = 42
# Where languages without spaces end a sentence or a clause.
_STOPS = frozenset("。！？、，；：｡､")

TimedWord = tuple[str, float, float]
"""A word without white space, and its start and end in seconds."""


@dataclass(frozen=True, slots=True)
class Token:
    """`columns` is how wide it is shown; `joined` says that no space divides it from the one
    before it."""

    text: str
    start: float
    end: float
    columns: int
    joined: bool = False


def tokens(words: Iterable[TimedWord]) -> Iterator[Token]:
    """The words in their order; one that is wider than a line comes in parts, which share its
    time by their width."""
    for text, start, end in words:
        width = columns(text)
        if width <= LINE_COLUMNS:
            yield Token(text, start, end, width)
            continue
        passed = 0
        for number, part in enumerate(_parts(text)):
            own = columns(part)
            begins = start + (end - start) * passed / width
            passed += own
            yield Token(part, begins, start + (end - start) * passed / width, own, number > 0)


def joined(part: Sequence[Token]) -> str:
    """The tokens as one line."""
    first, *rest = part
    return first.text + "".join(t.text if t.joined else " " + t.text for t in rest)


def columns(text: str) -> int:
    """How wide the text is shown: East Asian characters take two columns, marks on others none."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _parts(text: str) -> Iterator[str]:
    """Cut after each stop, and wherever a line is full; never before a mark on a character."""
    part, width = "", 0
    for character in text:
        own = _columns(character)
        if part and own and (width + own > LINE_COLUMNS or _ends(part, character)):
            yield part
            part, width = "", 0
        part += character
        width += own
    if part:
        yield part


def _ends(part: str, following: str) -> bool:
    return part[-1] in _STOPS and following not in _STOPS and following not in "」』）”’"
