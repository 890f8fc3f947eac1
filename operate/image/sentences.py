"""Sentence rules in the form of nltk's punkt_tab, which whisperx asks for when it aligns.

The rules are our own and few, for nothing hangs on them: whisperx gathers words to sentences after
it has found their times, and the servers hand out the words.
"""

from __future__ import annotations

from pathlib import Path

# The names that whisperx gives to nltk.
LANGUAGES = (
    "czech", "danish", "dutch", "english", "estonian", "finnish", "french", "german", "greek",
    "italian", "malayalam", "norwegian", "polish", "portuguese", "russian", "slovene", "spanish",
    "swedish", "turkish",
)  # fmt: skip
ABBREVIATIONS = ("a.m", "dr", "e.g", "etc", "i.e", "mr", "mrs", "ms", "p.m", "prof", "st", "vs")
ENGLISH = "english"
EMPTY = ("collocations.tab", "sent_starters.txt", "ortho_context.tab")


def write_sentences(folder: Path) -> None:
    """Into the folder that NLTK_DATA names."""
    for language in LANGUAGES:
        place = folder / "tokenizers/punkt_tab" / language
        place.mkdir(parents=True, exist_ok=True)
        words = ABBREVIATIONS if language == ENGLISH else ()
        (place / "abbrev_types.txt").write_text("".join(f"{word}\n" for word in words))
        for name in EMPTY:
            (place / name).write_text("")
