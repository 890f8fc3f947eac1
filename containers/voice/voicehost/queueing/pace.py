"""How fast work gets done, for honest Retry-After values."""

from __future__ import annotations

from collections import deque


class Pace:
    """Seconds per piece of work over the latest pieces that followed one another.

    Pauses longer than `idle` seconds are the callers', not the model's, and start afresh.
    """

    def __init__(self, pieces: int = 32, idle: float = 30.0) -> None:
        self._ends: deque[float] = deque(maxlen=pieces + 1)
        self._idle = idle

    def note(self, now: float) -> None:
        """A piece has ended at this time, in seconds of any steady clock."""
        if self._ends and now - self._ends[-1] > self._idle:
            self._ends.clear()
        self._ends.append(now)

    @property
    def seconds_per_piece(self) -> float:
        """1.0 until two pieces are known."""
        ends = list(self._ends)
        return 1.0 if len(ends) < 2 else (ends[-1] - ends[0]) / (len(ends) - 1)
