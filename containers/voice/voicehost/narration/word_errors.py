"""What was heard against what was written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

# Written without spaces between words: their characters are counted, as Whisper's authors do.
WITHOUT_SPACES = ("ja", "lo", "my", "th", "yue", "zh")
# Whisper's normalizer takes what is in brackets for notes; here it is said like the rest.
BRACKETS = str.maketrans(dict.fromkeys("()[]<>{}", " "))


@dataclass(frozen=True, slots=True)
class WordErrors:
    """Substitutions, deletions and insertions, and the words that there should have been."""

    edits: int
    words: int

    @property
    def rate(self) -> float:
        """Errors for each word; above 1 where much was added."""
        return self.edits / max(self.words, 1)

    def __add__(self, other: WordErrors) -> WordErrors:
        return WordErrors(self.edits + other.edits, self.words + other.words)


def word_errors(written: str, heard: str, language: str) -> WordErrors:
    """Both are normalized alike, so that a number may be heard as digits or as words.

    `language` is an ISO 639-1 code.
    """
    import jiwer

    normalize = _normalizer(language)
    reference, hypothesis = (
        normalize(text.translate(BRACKETS)).strip() for text in (written, heard)
    )
    if not reference:
        return WordErrors(len(hypothesis.split()), 0)
    found = jiwer.process_words(reference, hypothesis)
    return WordErrors(
        found.substitutions + found.deletions + found.insertions, len(reference.split())
    )


@cache
def _normalizer(language: str) -> Callable[[str], str]:
    # Their tables take a moment to load: too long for the start of a server.
    if language == "en":
        from whisper_normalizer.english import EnglishTextNormalizer

        english: Callable[[str], str] = EnglishTextNormalizer()
        return english
    from whisper_normalizer.basic import BasicTextNormalizer

    # Marks are letters in many scripts.
    basic: Callable[[str], str] = BasicTextNormalizer(
        split_letters=language in WITHOUT_SPACES, preserve_marks=True
    )
    return basic
