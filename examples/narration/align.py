"""Ask when each written word is spoken."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from examples.narration.failures import ServerError
from examples.narration.servers import SpeechServer
from examples.narration.sound import Recording

ROUNDING_S = 0.002


@dataclass(frozen=True)
class Word:
    """A word of the text and its seconds in the recording; not `aligned` means interpolated."""

    word: str
    start: float
    end: float
    score: float
    aligned: bool = True

    def as_json(self) -> dict[str, Any]:
        """The word as it stands in alignment.json."""
        return asdict(self)

    def later(self, seconds: float) -> "Word":
        """The same word in a recording that starts `seconds` earlier."""
        return Word(self.word, self.start + seconds, self.end + seconds, self.score, self.aligned)


@dataclass(frozen=True)
class Alignment:
    """The words of one segment, or the server's reason why there are none."""

    words: tuple[Word, ...]
    error: str = ""


def align(server: SpeechServer, spoken: Sequence[tuple[str, Recording]]) -> list[Alignment]:
    """Word times for pairs of text and recording, in order."""
    items = [{"audio": recording.base64(), "text": text} for text, recording in spoken]
    answer = server.post("/align_batch", {"items": items, "language": "en"})
    try:
        return [_alignment(alignment) for alignment in answer["alignments"]]
    except (KeyError, TypeError, ValueError) as error:
        raise ServerError(f"The {server.name} server sent unusable words: {error}") from error


def _alignment(data: Mapping[str, Any]) -> Alignment:
    words = tuple(
        Word(
            str(word["word"]),
            float(word["start"]),
            float(word["end"]),
            float(word["score"]),
            bool(word.get("aligned", True)),
        )
        for word in data["words"]
    )
    return Alignment(words, str(data.get("error", "")))


def fault_in(alignment: Alignment, text: str, duration_s: float) -> str:
    """What is wrong with the words of a segment; empty when they keep the promise."""
    words, written = alignment.words, text.split()
    if alignment.error:
        return alignment.error
    if [word.word for word in words] != written:
        return f"{len(words)} words instead of the {len(written)} of the text, in their order"
    if any(not 0 <= word.start <= word.end <= duration_s + ROUNDING_S for word in words):
        return "a word lies outside the recording"
    if any(b.start < a.start or b.end < a.end for a, b in pairwise(words)):
        return "the words go backwards in time"
    return ""
