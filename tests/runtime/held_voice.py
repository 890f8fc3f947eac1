"""A voice that says each text only when it may, and tells what it has said."""

from __future__ import annotations

import threading
import time
from collections import Counter

from voicehost.engines.clock import ClockVoice, frames_for, tone
from voicehost.engines.protocol import Speech
from voicehost.engines.step_cost import CURVES
from voicehost.errors import EngineFault
from voicehost.queueing.batch import Batch

SAMPLE = "Tick."


class HeldVoice(ClockVoice):
    """`allow` texts, or all of them; `broken` texts fail so often before they are said."""

    def __init__(self, rows: int = 8, *, held: bool = False) -> None:
        super().__init__(CURVES["t4"], rows=rows)
        self.allowed = {SAMPLE}
        self.broken: Counter[str] = Counter()
        self.said: list[str] = []
        self.seen: set[str] = set()
        self.most_rows = 0
        self._free = threading.Event()
        if not held:
            self._free.set()

    def allow(self, *texts: str) -> None:
        """These texts, or all of them if none are named."""
        self.allowed |= set(texts)
        if not texts:
            self._free.set()

    def run(self, batch: Batch) -> None:
        while rows := batch.step():
            self.most_rows = max(self.most_rows, len(rows))
            for work in rows:
                text = work.payload.text
                self.seen.add(text)
                if not self._free.is_set() and text not in self.allowed:
                    continue
                if self.broken[text] > 0:
                    self.broken[text] -= 1
                    batch.fail(work, EngineFault("The voice broke on this text."))
                    continue
                if text != SAMPLE:
                    self.said.append(text)
                batch.finish(work, Speech(tone(frames_for(text))))
            time.sleep(0.002)
