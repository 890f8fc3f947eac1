"""The clock family: it takes the time that a real model would, and speaks in tones.

For measurements of queueing, heartbeats and scheduling on machines without a GPU. It admits
new rows into a running batch between steps, as a continuously batching engine does.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from voicehost.alignment.words import fill_gaps
from voicehost.engines.fingerprint import fingerprint
from voicehost.engines.protocol import (
    HEARING_RATE,
    SPEECH_RATE,
    AlignInput,
    Audio,
    OneByOne,
    Report,
    Segment,
    Speaker,
    Speech,
    SpeechInput,
    TranscribeInput,
    Transcript,
)
from voicehost.engines.step_cost import FRAMES_PER_SECOND, StepCost
from voicehost.queueing.batch import Batch
from voicehost.queueing.ticket import Work

CHARACTERS_PER_SECOND = 15.0  # of read English
TONE_HZ = 220.0
TONE_LEVEL = 0.2
SPEAKER = "tone"
# Those of the published Qwen3-TTS CustomVoice checkpoints, so that callers can choose without one.
VOICES = (
    SPEAKER, "aiden", "dylan", "eric", "ono_anna", "ryan", "serena", "sohee", "uncle_fu", "vivian",
)  # fmt: skip
# WhisperX's README gives 70 times real time for batched large-v2.
TIMES_REAL_TIME = 70.0

Sleep = Callable[[float], None]


def frames_for(text: str) -> int:
    """Frames of 80 ms that a text takes to speak, at least one."""
    return max(1, round(len(text) / CHARACTERS_PER_SECOND * FRAMES_PER_SECOND))


def pitch(voice: str) -> float:
    """In Hz: each voice a semitone above the one before it."""
    return float(TONE_HZ * 2 ** (VOICES.index(voice or SPEAKER) / 12))


def tone(frames: int, hertz: float = TONE_HZ) -> Audio:
    """A quiet sine, `frames` x 80 ms at 24 kHz."""
    times = np.arange(round(frames / FRAMES_PER_SECOND * SPEECH_RATE)) / SPEECH_RATE
    return (TONE_LEVEL * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


class Clock(OneByOne):
    """What the three clock engines share: nothing to load, and no device."""

    device = "clock"
    model = "clock"

    def load(self, report: Report) -> None:
        report("winding the clock", 1.0)
        self.fingerprint = fingerprint(self.model, ())


class ClockVoice(Clock):
    """Speaks up to `rows` texts at once; new ones join between steps."""

    name = "qwen3-tts"
    refills = True
    samples = False
    speaker = Speaker(SPEAKER, "English")
    voices: tuple[str, ...] = VOICES

    def __init__(
        self, cost: StepCost, *, rows: int, speed: float = 1.0, sleep: Sleep = time.sleep
    ) -> None:
        self.model = f"clock/{cost.name}"
        self.rows = rows
        self._cost = cost
        self._speed = speed
        self._sleep = sleep

    def sample(self) -> SpeechInput:
        return SpeechInput("Tick.")

    def run(self, batch: Batch) -> None:
        left: dict[Work, int] = {}
        while rows := batch.step():
            left = {work: left.get(work, frames_for(work.payload.text)) for work in rows}
            self._sleep(self._cost.seconds(len(rows)) / self._speed)
            for work in rows:
                left[work] -= 1
                if left[work] == 0:
                    spoken: SpeechInput = work.payload
                    audio = tone(frames_for(spoken.text), pitch(spoken.voice))
                    batch.finish(work, Speech(audio))


class ClockTranscriber(Clock):
    name = "transcribe"

    def __init__(self, *, speed: float = 1.0, sleep: Sleep = time.sleep) -> None:
        self._speed = speed
        self._sleep = sleep

    def sample(self) -> TranscribeInput:
        return TranscribeInput(np.zeros(HEARING_RATE, np.float32))

    def run(self, batch: Batch) -> None:
        for work in batch.step():
            heard: TranscribeInput = work.payload
            seconds = len(heard.audio) / HEARING_RATE
            self._sleep(seconds / TIMES_REAL_TIME / self._speed)
            text = f"The clock engine hears {seconds:.1f} seconds of audio."
            batch.finish(work, Transcript(text, (Segment(0.0, seconds, text),)))


class ClockAligner(Clock):
    name = "align"

    def sample(self) -> AlignInput:
        return AlignInput(np.zeros(HEARING_RATE, np.float32), "tick")

    def run(self, batch: Batch) -> None:
        for work in batch.step():
            item: AlignInput = work.payload
            batch.finish(work, fill_gaps(item.text.split(), {}, len(item.audio) / HEARING_RATE))
