"""The ears that find when each word of a known text is said: whisperx on wav2vec2 models."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np

from voicehost.alignment.loudness import Loudness
from voicehost.alignment.words import AlignedWord, Span, fill_gaps
from voicehost.engines.cuda.checkpoints import model_name
from voicehost.engines.cuda.faults import is_out_of_memory
from voicehost.engines.cuda.hearing.align_model import check_finite
from voicehost.engines.cuda.hearing.align_shelf import AlignShelf
from voicehost.engines.cuda.hearing.ears import Ears, import_turn
from voicehost.engines.cuda.size import Size
from voicehost.engines.fingerprint import fingerprint, folder_digest
from voicehost.engines.protocol import HEARING_RATE, AlignInput, LoadError, Report
from voicehost.queueing.batch import Abandoned, Batch
from voicehost.queueing.ticket import Work

log = logging.getLogger(__name__)

PACKAGES = ("whisperx", "torch", "transformers", "num2words")
WINDOW_SECONDS = 30.0
LEAST_WINDOW_SECONDS = 5.0


class CudaAligner(Ears):
    """One text at a time; never waits for Whisper. Takes audio up to `most_seconds`.

    A word without a reading, or whose place is silent, shares the time between its neighbours.
    Short of memory, models of other languages leave; then the window of audio that is heard at
    once is halved, and grows again slowly.
    """

    name = "align"

    def __init__(
        self,
        folder: Path,
        *,
        device: str,
        limit_mib: int = 0,
        language: str = "en",
        kept: int = 2,
        most_seconds: float = 300.0,
    ) -> None:
        window = Size(WINDOW_SECONDS, LEAST_WINDOW_SECONDS)
        super().__init__(device=device, limit_mib=limit_mib, language=language, size=window)
        self.most_seconds = most_seconds
        self._shelf = AlignShelf(folder, kept=kept)
        self.model = model_name(self._shelf.folder(language))
        self.languages = self._shelf.languages(language)

    def load(self, report: Report) -> None:
        report("waiting for its turn to import", 0.05)
        with import_turn():
            card = self.open_card()
            report("importing WhisperX", 0.1)
            import_module("whisperx.alignment")

            check_sentence_data()
        report(f"loading the alignment model of {self._language}", 0.5)
        self._shelf.device = card.device
        model = self._shelf.model(self._language)
        report("checking the alignment model", 0.9)
        noise = np.random.default_rng(0).normal(0.0, 0.1, HEARING_RATE).astype(np.float32)
        check_finite(
            model.hear(noise, WINDOW_SECONDS, _nothing), self._shelf.folder(self._language)
        )
        # Of all languages, since each is loaded when it is first asked for.
        self.fingerprint = fingerprint(self.model, PACKAGES, folder_digest(self._shelf.root))
        report("the alignment model is loaded", 1.0)

    def sample(self) -> AlignInput:
        noise = np.random.default_rng(1).normal(0.0, 0.1, HEARING_RATE).astype(np.float32)
        return AlignInput(noise, "ready in 3", self._language)

    def _outcome(self, batch: Batch, work: Work) -> list[AlignedWord] | None:
        def between() -> None:
            if work not in batch.step():
                raise Abandoned

        item: AlignInput = work.payload
        while True:
            try:
                return self.align(item, between)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
            batch.count("OutOfMemory")
            if self._shelf.forget_others(item.language):
                continue
            if not self.size.short():
                return None
            log.warning("out of memory", extra={"engine": self.name, "window": self.size.now})

    def align(self, item: AlignInput, between: Callable[[], None]) -> list[AlignedWord]:
        """One entry for each word of `item.text.split()`; `between()` is called between windows."""
        words = item.text.split()
        loudness = Loudness(item.audio, HEARING_RATE)
        speech = loudness.speech()
        known = self._known(item, words, between) if words and speech else {}
        audible = {i: span for i, span in known.items() if loudness.sounds(span.start, span.end)}
        return fill_gaps(words, audible, len(item.audio) / HEARING_RATE, speech=speech)

    def _known(
        self, item: AlignInput, words: list[str], between: Callable[[], None]
    ) -> dict[int, Span]:
        from voicehost.engines.cuda.hearing.placing import place_words
        from voicehost.engines.cuda.hearing.reading_choice import spoken_readings
        from voicehost.engines.cuda.hearing.spoken import spoken

        model = self._shelf.model(item.language)
        readings = spoken(words, item.language, model.letters)
        if not any(readings):
            return {}
        heard = model.hear(item.audio, self.size.now, between)
        return place_words(model, heard, spoken_readings(model, heard, readings), between)


def check_sentence_data() -> None:
    """whisperx splits sentences with nltk's data and would download it. Raises LoadError."""
    import nltk

    try:
        nltk.data.find("tokenizers/punkt_tab/english/")
    except LookupError:
        raise LoadError(
            "nltk's tokenizers/punkt_tab/english is in no folder that NLTK_DATA names. Put it "
            "there (make weights)."
        ) from None


def _nothing() -> None:
    pass
