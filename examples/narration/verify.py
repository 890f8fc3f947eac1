"""Have the recordings transcribed and compare what was heard with what was written."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import jiwer

from examples.narration.failures import ServerError
from examples.narration.servers import SpeechServer
from examples.narration.sound import Recording


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


def transcribe(server: SpeechServer, recordings: Sequence[Recording]) -> list[str]:
    """What the server hears in each recording."""
    audios = [recording.base64() for recording in recordings]
    answer = server.post("/transcribe_batch", {"audios": audios, "language": "en"})
    try:
        return [str(transcription["text"]) for transcription in answer["transcriptions"]]
    except (KeyError, TypeError) as error:
        raise ServerError(f"The {server.name} server sent no transcriptions: {error}") from error


@cache
def _normalizer() -> Callable[[str], str]:
    # Its tables take a moment to load: too long for `--help` or a server that is not there.
    from whisper_normalizer.english import EnglishTextNormalizer

    normalizer: Callable[[str], str] = EnglishTextNormalizer()
    return normalizer


def normalized(text: str) -> str:
    """The text as Whisper's published English normalizer writes it."""
    return _normalizer()(text)


def compare(written: str, heard: str) -> Comparison:
    """Compare two texts after Whisper's English normalization of both."""
    reference, hypothesis = normalized(written), normalized(heard)
    if not reference:
        return Comparison(heard, len(hypothesis.split()), 0)
    words = jiwer.process_words(reference, hypothesis)
    edits = words.substitutions + words.deletions + words.insertions
    return Comparison(heard, edits, words.hits + words.substitutions + words.deletions)


def overall_error_rate(comparisons: Sequence[Comparison]) -> float:
    """All edits for all reference words, so that a long segment weighs more than a short one."""
    edits = sum(comparison.edits for comparison in comparisons)
    return edits / max(sum(comparison.reference_words for comparison in comparisons), 1)


def displaced(texts: Sequence[str], seed: int = 1) -> list[str]:
    """The texts in an order where none keeps its place (Sattolo's shuffle); two at least."""
    chance = random.Random(seed)
    moved = list(texts)
    for last in range(len(moved) - 1, 0, -1):
        other = chance.randrange(last)
        moved[last], moved[other] = moved[other], moved[last]
    return moved
