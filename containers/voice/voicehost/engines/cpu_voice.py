"""The voice of the CPU family: hibari-tts, English, 24 kHz, its model inside the package."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import numpy as np

from voicehost.audio.joints import join
from voicehost.engines.fingerprint import fingerprint
from voicehost.engines.protocol import (
    SPEECH_RATE,
    Audio,
    OneByOne,
    Report,
    Speaker,
    Speech,
    SpeechInput,
)
from voicehost.errors import RequestError
from voicehost.queueing.batch import Batch
from voicehost.text.pieces import Ending

if TYPE_CHECKING:
    from hibari import Hibari

VOICE = "heart"
# One fixed seed: the same text gives the same samples, alone or in a batch, today or tomorrow.
SEED = 20240
PEAK = 0.97
PACKAGES = ("hibari-tts", "onnxruntime", "numpy")


def plain_digits(text: str) -> str:
    """Superscript and circled digits as plain ones; the voice's number reader takes no others."""
    return "".join(
        str(unicodedata.digit(c)) if c.isdigit() and not c.isdecimal() else c for c in text
    )


class CpuVoice(OneByOne):
    """Speaks one piece of text at a time, at about a hundredth of real time per core.

    `instruct` and `seed` are accepted and have no effect: this voice has one manner.
    """

    name = "qwen3-tts"
    model = f"hibari-tts/{VOICE}"
    samples = False
    speaker = Speaker(VOICE, "English")
    # The package knows others, and would fetch them from elsewhere.
    voices: tuple[str, ...] = (VOICE,)

    def __init__(self) -> None:
        self._voice: Hibari | None = None

    def load(self, report: Report) -> None:
        report("importing the voice", 0.1)
        from hibari import Hibari

        report("loading the voice", 0.5)
        # Its steps are too small to share: with two threads it is half as fast as with one.
        self._voice = Hibari(VOICE, threads=1)
        self.fingerprint = fingerprint(self.model, PACKAGES)

    def sample(self) -> SpeechInput:
        return SpeechInput("Ready in 3, 2, 1.")

    def run(self, batch: Batch) -> None:
        for work in batch.step():
            spoken: SpeechInput = work.payload
            audio = self._speak(plain_digits(spoken.text))
            if len(audio) == 0:
                batch.fail(
                    work,
                    RequestError("This voice speaks English and found nothing to say in a text."),
                )
            else:
                batch.finish(work, Speech(audio))

    def _speak(self, text: str) -> Audio:
        if self._voice is None:
            raise RuntimeError("load() comes first")
        # The voice pads each sentence with silence of its own; two of them meet in a long gap.
        sentences = [np.asarray(part) for part in self._voice.stream(text, seed=SEED) if len(part)]
        if not sentences:
            return np.zeros(0, np.float32)
        audio = join(sentences, [Ending.SENTENCE] * len(sentences), SPEECH_RATE)
        peak = float(np.abs(audio).max())
        return audio * np.float32(PEAK / peak) if peak > PEAK else audio
