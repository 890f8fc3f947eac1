"""One wav2vec2 model, and whisperx's forced alignment on what it hears."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from voicehost.alignment.words import Span
from voicehost.engines.cuda.checkpoints import require
from voicehost.engines.cuda.hearing.rough_path import letter_frames
from voicehost.engines.protocol import HEARING_RATE, Audio, LoadError

if TYPE_CHECKING:
    from torch import Tensor

WORD_GAP = "|"
BLANKS = ("[pad]", "<pad>")
# Characters that are no letters could end a sentence, and whisperx then sorts sentences by time.
LETTER_LIKE = "'-"
UNSPACED = frozenset({"ja", "zh"})
NEEDED = ("config.json", "vocab.json")


# The first frame, and the one after the last.
Frames = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hearing:
    """Log probabilities of shape (frames, labels) on the CPU; each frame lasts so long."""

    emissions: Tensor
    frame_seconds: float

    @property
    def frames(self) -> int:
        return int(self.emissions.shape[0])

    def part(self, first: int, last: int) -> Hearing:
        return Hearing(self.emissions[first:last], self.frame_seconds)


class AlignModel:
    """Loaded from a local folder; `letters` are the characters that it can tell apart."""

    def __init__(self, folder: Path, language: str, device: str) -> None:
        import whisperx
        from transformers.utils import logging

        logging.set_verbosity_error()
        for name in NEEDED:
            require(folder, variable="VOICE_ALIGN_MODELS", needs=name)
        try:
            self._model, loaded = whisperx.load_align_model(
                language, device, model_name=str(folder), model_cache_only=True
            )
        except ValueError as error:
            raise LoadError(
                f"{folder} holds no wav2vec2 model that can be loaded (make weights fetches one)."
            ) from error
        self._model.eval()
        self._device = device
        labels: dict[str, int] = dict(loaded["dictionary"])
        if language in UNSPACED:
            labels.pop(WORD_GAP, None)
        self.letters = frozenset(label for label in labels if _is_letter(label))
        self._labels = labels
        self._blank = next((labels[name] for name in BLANKS if name in labels), 0)
        # whisperx asks for the language only to split sentences and words, which is done already.
        self._metadata = {"language": "en", "dictionary": labels, "type": "huggingface"}

    def hear(self, audio: Audio, window_seconds: float, between: Callable[[], None]) -> Hearing:
        """`between()` is called before each window. May raise an out-of-memory error."""
        from voicehost.engines.cuda.hearing.windows import emissions

        heard = emissions(self._model, audio, self._device, window_seconds, between)
        return Hearing(heard, len(audio) / HEARING_RATE / len(heard))

    def place(self, words: Sequence[str], heard: Hearing) -> list[Span] | None:
        """Where each word, in `letters` alone, is heard; None where the text cannot fit."""
        import torch
        import whisperx

        if not _fits(words, heard):
            return None
        seconds = heard.frames * heard.frame_seconds
        segment = {"start": 0.0, "end": seconds, "text": " ".join(words)}
        samples = torch.zeros(1, int(seconds * HEARING_RATE) + 1)
        result = whisperx.align(
            [segment], lambda waveform: SimpleNamespace(logits=heard.emissions[None]),
            self._metadata, samples, "cpu",
        )  # fmt: skip
        placed = result["word_segments"]
        if [word["word"] for word in placed] != list(words):
            return None
        return [
            Span(float(word["start"]), float(word["end"]), float(word["score"])) for word in placed
        ]

    def likelihoods(self, readings: Sequence[Sequence[str]], heard: Hearing) -> list[float]:
        """For each reading the log probability that it, and nothing else, is what is heard."""
        import torch

        targets = [self._targets(words) for words in readings]
        longest = max(len(target) for target in targets)
        padded = torch.tensor([target + [0] * (longest - len(target)) for target in targets])
        loss = torch.nn.functional.ctc_loss(
            heard.emissions[:, None].expand(-1, len(targets), -1),
            padded.reshape(len(targets), longest),
            torch.full((len(targets),), heard.frames),
            torch.tensor([len(target) for target in targets]),
            blank=self._blank,
            reduction="none",
        )
        return [-float(value) for value in loss]

    def rough_places(self, readings: Sequence[Sequence[str]], heard: Hearing) -> dict[int, Frames]:
        """The frames of each word that has a reading, by its index, from a quick first look; none
        where the text cannot fit."""
        words = [word for reading in readings for word in reading]
        if not words or not _fits(words, heard):
            return {}
        gap = WORD_GAP if WORD_GAP in self._labels else ""
        letters = [self._labels[letter] for letter in gap.join(words)]
        found = letter_frames(heard.emissions.numpy(), letters, self._blank)
        places: dict[int, Frames] = {}
        position = 0
        for index, reading in enumerate(readings):
            if reading:
                last = position + len(gap.join(reading)) - 1
                places[index] = int(found[position]), int(found[last]) + 1
                position = last + 1 + len(gap)
        return places

    def _targets(self, words: Sequence[str]) -> list[int]:
        text = WORD_GAP.join(["", *words, ""]) if WORD_GAP in self._labels else "".join(words)
        return [self._labels[letter] for letter in text]


def _fits(words: Sequence[str], heard: Hearing) -> bool:
    """Whether there is a frame for each letter and each gap."""
    return sum(map(len, words)) + len(words) <= heard.frames


def _is_letter(label: str) -> bool:
    return len(label) == 1 and (unicodedata.category(label)[0] in "LM" or label in LETTER_LIKE)


def check_finite(heard: Any, folder: Path) -> None:
    """Raises LoadError for a model that computes values that are no numbers."""
    if not bool(heard.emissions.isfinite().all()):
        raise LoadError(
            f"The weights in {folder} are broken: the model computes values that are no numbers. "
            "Fetch them again (make weights)."
        )
