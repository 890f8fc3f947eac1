"""How fast work gets done, for honest Retry-After values."""

from __future__ import annotations

from collections import deque


class Pace:
    """Seconds per piece of work over the latest pieces, while the model worked.

    Pauses between runs are the callers', not the model's, and count nothing. Pieces of a batch end
    together: the first carries the time of all.
    """

    def __init__(self, pieces: int = 32) -> None:
        self._seconds: deque[float] = deque(maxlen=pieces)
        self._since = 0.0

    def begin(self, now: float) -> None:
        """The model begins to work at this time, in seconds of any steady clock."""
        self._since = now

    def note(self, now: float) -> None:
        """A piece has ended."""
        self._seconds.append(now - self._since)
        self._since = now

    @property
    def seconds_per_piece(self) -> float:
        """1.0 until a piece is known."""
        return sum(self._seconds) / len(self._seconds) if self._seconds else 1.0
