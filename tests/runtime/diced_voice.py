"""A voice that samples, without a model: each seed has a pitch of its own."""

from __future__ import annotations

from collections.abc import Collection

from voicehost.engines.clock import ClockVoice, frames_for, tone
from voicehost.engines.protocol import Report, Speech, SpeechInput
from voicehost.engines.step_cost import CURVES
from voicehost.queueing.batch import Batch

LOWEST_HZ = 100.0
PITCHES = 2000


class DicedVoice(ClockVoice):
    """Keeps what it was asked to speak in `spoken`; texts in `endless` are cut off."""

    samples = True
    languages = ("en", "de")

    def __init__(self, model: str = "one", endless: Collection[str] = ()) -> None:
        super().__init__(CURVES["t4"], rows=8, speed=1000.0)
        self.model = model
        self.endless = endless
        self.spoken: list[SpeechInput] = []

    def load(self, report: Report) -> None:
        super().load(report)
        self.spoken.clear()

    def run(self, batch: Batch) -> None:
        while rows := batch.step():
            for work in rows:
                given: SpeechInput = work.payload
                self.spoken.append(given)
                sound = tone(frames_for(given.text), LOWEST_HZ + given.seed % PITCHES)
                batch.finish(work, Speech(sound, complete=given.text not in self.endless))
