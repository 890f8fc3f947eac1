"""A long text as passages that a server takes in one call each."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Longest text and most texts in a call, as the servers have them without other settings.
MOST_CHARACTERS = 5000
MOST_TEXTS = 128

_PARAGRAPH = re.compile(r"\n[^\S\n]*\n")
_SENTENCE_END = re.compile(r"(?<=[.!?。！？…])[\"')\]»”’]*\s+")


def passages(text: str, most_characters: int = MOST_CHARACTERS) -> list[str]:
    """The paragraphs, which blank lines divide; one that is too long is cut between sentences,
    or else between words. Nothing but white space is lost."""
    paragraphs = (" ".join(part.split()) for part in _PARAGRAPH.split(text))
    return [
        piece for paragraph in paragraphs if paragraph for piece in _cut(paragraph, most_characters)
    ]


def _cut(paragraph: str, most: int) -> Iterator[str]:
    while len(paragraph) > most:
        ends = [end.end() for end in _SENTENCE_END.finditer(paragraph, 0, most + 1)]
        at = ends[-1] if ends else paragraph.rfind(" ", 0, most + 1)
        at = at if at > 0 else most
        yield paragraph[:at].strip()
        paragraph = paragraph[at:].strip()
    if paragraph:
        yield paragraph
