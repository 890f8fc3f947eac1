"""Compare what was heard with what was written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from gpuvoice.errors import MissingExtra

# Written without spaces between words: their letters are counted, as Whisper's authors do.
WITHOUT_SPACES = ("ja", "lo", "my", "th", "yue", "zh")


@dataclass(frozen=True)
class Comparison:
    """Word edits (substitutions, deletions, insertions) between a text and its transcription."""

    heard: str
    edits: int
    reference_words: int

    @property
    def error_rate(self) -> float:
        """Edits for each reference word; above 1 when many words were added."""
        return self.edits / max(self.reference_words, 1)


def require() -> None:
    """Raises MissingExtra where the packages to compare with are not installed."""
    try:
        import jiwer  # noqa: F401

        _normalizer("en")
    except ImportError:
        raise MissingExtra("verify", "Comparing speech with its text") from None


def compare(written: str, heard: str, language: str = "en") -> Comparison:
    """Compare two texts after Whisper's normalization of both; `language` is an ISO code."""
    import jiwer

    normalize = _normalizer(language)
    reference, hypothesis = normalize(written).strip(), normalize(heard).strip()
    if not reference:
        return Comparison(heard, len(hypothesis.split()), 0)
    words = jiwer.process_words(reference, hypothesis)
    edits = words.substitutions + words.deletions + words.insertions
    return Comparison(heard, edits, words.hits + words.substitutions + words.deletions)


def overall_error_rate(comparisons: Sequence[Comparison]) -> float:
    """All edits for all reference words, so that a long segment weighs more than a short one."""
    edits = sum(comparison.edits for comparison in comparisons)
    return edits / max(sum(comparison.reference_words for comparison in comparisons), 1)


@cache
def _normalizer(language: str) -> Callable[[str], str]:
    # Their tables take a moment to load: too long for `--help` or a server that is not there.
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
