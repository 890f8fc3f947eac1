"""How far a model is: waiting, loading, warm or failed, and whether it still moves."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Literal

Stage = Literal["starting", "loading", "first result", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    stage: Stage
    detail: str
    fraction: float
    stage_seconds: float
    busy: bool
    still_seconds: float

    @property
    def stalled_seconds(self) -> float:
        """Time without progress in an engine call; 0 outside of one."""
        return self.still_seconds if self.busy else 0.0


class Progress:
    """Written by the scheduler thread, read by health checks. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stage: Stage = "starting"
        self._detail = ""
        self._fraction = 0.0
        self._since = time.monotonic()
        self._moved = self._since
        self._busy = False

    def enter(self, stage: Stage, detail: str = "") -> None:
        with self._lock:
            self._stage, self._detail = stage, detail
            self._since = self._moved = time.monotonic()

    def loading(self, detail: str, fraction: float) -> None:
        """Report from an engine's `load()`: what it does now and how much is done, 0 to 1."""
        with self._lock:
            self._detail, self._fraction = detail, min(1.0, max(0.0, fraction))
            self._moved = time.monotonic()

    def busy(self, busy: bool) -> None:
        with self._lock:
            self._busy, self._moved = busy, time.monotonic()

    def moved(self) -> None:
        with self._lock:
            self._moved = time.monotonic()

    @property
    def ready(self) -> bool:
        return self._stage == "ready"

    @property
    def failed(self) -> bool:
        return self._stage == "failed"

    def snapshot(self) -> Snapshot:
        """`still_seconds` is the time since the last sign of progress, `busy` an engine call."""
        with self._lock:
            now = time.monotonic()
            fraction = 1.0 if self._stage == "ready" else self._fraction
            since, still = now - self._since, now - self._moved
            return Snapshot(self._stage, self._detail, fraction, since, self._busy, still)
