"""Markers in a text: `{#name}` before a word means its start, `{name#}` after one its end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from voicehost.errors import RequestError
from voicehost.text.clean import SPEAKER, clean, visible

Edge = Literal["start", "end"]

NAME = r"[\w.-]{1,64}"
MARKER = re.compile(rf"\{{(?:#(?P<start>{NAME})|(?P<end>{NAME})#)\}}")
# Meant as a marker, and none: better refused than spoken.
BROKEN = re.compile(r"\{[^{}]*#[^{}]*\}|\{#[^{}\s]{0,64}|[^{}\s]{0,64}#\}")
CLOSING = re.compile(r"[.,;:!?…)\]\"'”’»。，！？；：、]+(?=\s|\{|$)")
OPENING = re.compile(r"(?:^|\s)[(\[\"'“‘«]+$")
MOST_QUOTED = 80


@dataclass(frozen=True, slots=True)
class Marker:
    """`word` is the index of the word whose start or end is meant; None stands for the start of
    the clip, where an end has no word before it, or for its end, where a start has none after it.
    """

    id: str
    edge: Edge
    word: int | None

    def time(self, words: Sequence[tuple[float, float]], seconds: float) -> float:
        """In seconds, of the start and the end of each word and the clip's length."""
        if self.word is None:
            return seconds if self.edge == "start" else 0.0
        start, end = words[self.word]
        return start if self.edge == "start" else end


@dataclass(frozen=True, slots=True)
class MarkedText:
    """`plain` is the text without its markers, `text` what is spoken of that; markers count the
    words of `text.split()`."""

    plain: str
    text: str
    markers: tuple[Marker, ...]


def read_markers(written: str) -> MarkedText:
    """A text and its markers. Raises RequestError, also for a text with nothing to say.

    A marker inside a word means that word. Where one stands apart between a word and its
    punctuation, the punctuation stays with the word: `today {d#}.` is said as `today.`.
    """
    plain, found = _taken_out(visible(written))
    broken = BROKEN.search(plain)
    if broken:
        raise RequestError(
            f"{broken.group()[:MOST_QUOTED]} is no marker: write {{#name}} before a word or "
            "{name#} after it, the name of letters, digits, _, - and ., at most 64"
        )
    names = [name for name, _, _ in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise RequestError(f"the marker {twice} is there twice; give each a name of its own")
    text = clean(plain)
    spans = [match.span() for match in re.finditer(r"\S+", plain)]
    # Decorations: two words go from the start, and all behind the last one that is left.
    dropped = 2 if SPEAKER.match(plain) else 0
    count = len(text.split())
    markers = []
    for name, edge, at in found:
        word = _next(plain, spans, at) if edge == "start" else _last(plain, spans, at)
        markers.append(Marker(name, edge, _kept(word - dropped, count, edge)))
    return MarkedText(plain, text, tuple(markers))


def _taken_out(written: str) -> tuple[str, list[tuple[str, Edge, int]]]:
    """The text without markers, and of each the name, the edge and where it was in that text."""
    plain, passed = "", 0
    found: list[tuple[str, Edge, int]] = []
    for match in MARKER.finditer(written):
        plain += written[passed : match.start()]
        passed = match.end()
        if CLOSING.match(written, passed):
            plain = plain.rstrip()
        elif OPENING.search(plain):
            passed += len(written[passed:]) - len(written[passed:].lstrip())
        edge: Edge = "start" if match["start"] else "end"
        found.append((match["start"] or match["end"], edge, len(plain)))
    return plain + written[passed:], found


def _next(plain: str, spans: Sequence[tuple[int, int]], at: int) -> int:
    """The first word of which something is said behind the place."""
    for index, (start, end) in enumerate(spans):
        if start >= at or (end > at and _says(plain[at:end])):
            return index
    return len(spans)


def _last(plain: str, spans: Sequence[tuple[int, int]], at: int) -> int:
    """The last word of which something is said before the place; -1 for none."""
    for index, (start, end) in reversed(list(enumerate(spans))):
        if end <= at or (start < at and _says(plain[start:at])):
            return index
    return -1


def _says(part: str) -> bool:
    return any(character.isalnum() for character in part)


def _kept(word: int, count: int, edge: Edge) -> int | None:
    if edge == "start":
        return max(word, 0) if word < count else None
    return min(word, count - 1) if word >= 0 else None
