"""The ears that write down what is said: WhisperX, its voice activity detection and Whisper."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from voicehost.engines.cuda.faults import is_out_of_memory
from voicehost.engines.cuda.hearing import whisper_folder
from voicehost.engines.cuda.hearing.ears import Ears, import_turn
from voicehost.engines.cuda.hearing.whisper_loading import (
    check_whisper,
    chunks_that_fit,
    load_pipeline,
)
from voicehost.engines.cuda.memory import release
from voicehost.engines.cuda.precision import precision_for
from voicehost.engines.cuda.size import Size
from voicehost.engines.fingerprint import fingerprint, folder_digest
from voicehost.engines.protocol import (
    HEARING_RATE,
    Audio,
    LoadError,
    Report,
    TranscribeInput,
    Transcript,
)
from voicehost.engines.segments import in_order
from voicehost.queueing.batch import Abandoned, Batch
from voicehost.queueing.ticket import Work

log = logging.getLogger(__name__)

PACKAGES = (
    *("whisperx", "faster-whisper", "ctranslate2", "tokenizers", "pyannote-audio", "torch"),
    *("transformers", "numpy"),
)
UNSPACED = frozenset({"ja", "zh", "yue", "th", "lo", "km", "my", "bo"})


class CudaTranscriber(Ears):
    """One audio at a time, its chunks in batches. Silence and noise give an empty text.

    The checkpoint is local and so is the voice activity detection, which comes in the package.
    Short of memory, the batch of chunks is halved, and grows again slowly.
    """

    name = "transcribe"

    def __init__(
        self,
        folder: Path,
        *,
        device: str,
        limit_mib: int = 0,
        language: str = "en",
        threads: int = 1,
    ) -> None:
        super().__init__(device=device, limit_mib=limit_mib, language=language, size=Size(1))
        self.model = whisper_folder.size_name(folder)
        self.languages = whisper_folder.languages_of(folder, language)
        self._folder = folder
        self._threads = threads
        self._pipeline: Any = None
        self._between: Callable[..., None] = _nothing

    def load(self, report: Report) -> None:
        whisper_folder.check_folder(self._folder)
        if self._language not in self.languages:
            raise LoadError(
                f"The Whisper checkpoint in {self._folder} knows {', '.join(self.languages)} only, "
                f"and VOICE_LANGUAGE is {self._language}."
            )
        report("waiting for its turn to import", 0.02)
        with import_turn():
            report("importing WhisperX", 0.05)
            card = self.open_card()
            report(f"loading {self.model}", 0.3)
            self._pipeline = load_pipeline(
                self._folder, card, self._threads, lambda: self._between()
            )
        report("checking Whisper", 0.9)
        self.size.limit(chunks_that_fit(card, whisper_folder.weights_mib(self._folder)))
        check_whisper(self._pipeline, self._folder, _whisper_name(self._language))
        folder = folder_digest(self._folder)
        self.fingerprint = fingerprint(
            self.model, PACKAGES, folder, precision_for(card.capability).ears
        )
        report("Whisper is loaded", 1.0)

    def sample(self) -> TranscribeInput:
        return TranscribeInput(np.zeros(HEARING_RATE, np.float32), self._language)

    def _outcome(self, batch: Batch, work: Work) -> Transcript | None:
        heard: TranscribeInput = work.payload
        while True:
            with self._stepping(batch, work):
                try:
                    return self._transcribe(heard.audio, heard.language)
                except (RuntimeError, MemoryError) as error:
                    if not is_out_of_memory(error):
                        raise
            batch.count("OutOfMemory")
            release()
            if not self.size.short():
                return None
            log.warning("out of memory", extra={"engine": self.name, "chunks": self.size.now})

    def _transcribe(self, audio: Audio, language: str) -> Transcript:
        if self._pipeline is None:
            raise RuntimeError("load() comes first")
        if len(audio) == 0:
            return Transcript("")
        result = self._pipeline.transcribe(
            audio,
            batch_size=int(self.size.now),
            language=_whisper_name(language),
            progress_callback=lambda percent: self._between(percent / 100),
        )
        parts = [(part["start"], part["end"], part["text"].strip()) for part in result["segments"]]
        text = ("" if language in UNSPACED else " ").join(part[2] for part in parts if part[2])
        return Transcript(text, in_order(parts, audio))

    @contextmanager
    def _stepping(self, batch: Batch, work: Work) -> Iterator[None]:
        """Between two batches of chunks, ask whether somebody still waits."""

        def between(done: float = 0.0) -> None:
            if done:
                batch.advance(done)
            if work not in batch.step():
                raise Abandoned

        self._between = between
        try:
            yield
        finally:
            self._between = _nothing


def _whisper_name(language: str) -> str:
    return whisper_folder.WHISPER_NAMES.get(language, language)


def _nothing(done: float = 0.0) -> None:
    pass
