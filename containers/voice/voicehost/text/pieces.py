"""Cut a long text where a speaker would breathe.

Every engine's time and memory grow with the length of what it says at once; short pieces
also let other callers in between.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

SENTENCE_END = re.compile(r"(?<=[.!?…。！？])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[^\Wa-z_])|(?<=[。！？])")
CLAUSE_END = re.compile(r"(?<=[,;:—–，；：、])[\"'”’)\]]*\s*(?=\s|[^\x00-\x7f])|\s(?=[—–-]\s)")
SPACE = re.compile(r"\s+")
NO_END = re.compile(
    r"(?:^|[\s(\"“])(?:Dr|Mr|Mrs|Ms|Prof|St|Sr|Jr|vs|etc|No|Fig|approx|e\.g|i\.e|a\.m|p\.m|[A-Z])\.$"
)


class Ending(Enum):
    """What a piece ends with; it decides the pause before the next one."""

    SENTENCE = "sentence"
    CLAUSE = "clause"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    ending: Ending


def cut(text: str, most: int) -> list[Piece]:
    """Pieces of at most `most` characters, as few as fit; joined by spaces they give the text.

    Cuts at sentence ends where these suffice, else at clause ends, else between words, and
    inside a word only when it alone is longer than `most`.
    """
    if len(text) <= most:
        return [Piece(text, Ending.SENTENCE)]
    return _pack(_split(text, most, list(Ending)), most)


def _split(text: str, most: int, levels: list[Ending]) -> list[Piece]:
    if not levels:
        return [Piece(text[i : i + most], Ending.WORD) for i in range(0, len(text), most)]
    level, finer = levels[0], levels[1:]
    pieces: list[Piece] = []
    for part in _parts(text, level):
        if len(part) <= most:
            pieces.append(Piece(part, level))
        else:
            inner = _split(part, most, finer)
            pieces += [*inner[:-1], Piece(inner[-1].text, level)]
    return pieces


def _parts(text: str, level: Ending) -> list[str]:
    pattern = {Ending.SENTENCE: SENTENCE_END, Ending.CLAUSE: CLAUSE_END, Ending.WORD: SPACE}[level]
    parts: list[str] = []
    start = 0
    for match in pattern.finditer(text):
        if level is Ending.SENTENCE and NO_END.search(text[start : match.start()]):
            continue
        parts.append(text[start : match.end()].strip())
        start = match.end()
    parts.append(text[start:].strip())
    return [part for part in parts if part]


def _pack(pieces: list[Piece], most: int) -> list[Piece]:
    packed: list[Piece] = []
    for piece in pieces:
        if packed and len(packed[-1].text) + 1 + len(piece.text) <= most:
            packed[-1] = Piece(f"{packed[-1].text} {piece.text}", piece.ending)
        else:
            packed.append(piece)
    return packed
