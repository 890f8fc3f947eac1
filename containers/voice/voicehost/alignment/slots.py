"""What a text may sound like: a sequence of slots, each with the readings that a voice may choose.

A reading is a tuple of spoken words ("twenty", "four"); the empty reading is silence. A slot is a
tuple of alternative readings. The aligner lets the audio decide between them, so that the text
need not be normalised as the voice does it.
"""

from __future__ import annotations

Reading = tuple[str, ...]
Slot = tuple[Reading, ...]

SILENT: Reading = ()


def slot(*readings: str) -> Slot:
    """A slot from readings written out, such as `slot("twenty four", "two four", "")`."""
    return tuple(dict.fromkeys(tuple(reading.split()) for reading in readings))


def letters(text: str) -> str:
    """The letters of `text` by name, as CMUdict has them: "GPU" -> "g. p. u."."""
    return " ".join(f"{letter}." for letter in text.lower() if "a" <= letter <= "z")
