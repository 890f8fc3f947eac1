"""How much is done at once: half as much after a shortage of memory, more again later."""

from __future__ import annotations

# A shortage may have been the neighbour's: after so many passes without one, twice as much.
CLEAN_PASSES = 20


class Size:
    """`now`, between `least` and `most`: rows of a batch, chunks, seconds."""

    def __init__(self, most: float, least: float = 1) -> None:
        self.now = self.most = most
        self._least = least
        self._clean = 0

    def limit(self, most: float) -> None:
        """What was measured to fit."""
        self.now = self.most = max(self._least, most)

    def short(self, tried: float | None = None) -> bool:
        """What was tried (`now`) did not fit; whether there is a smaller size."""
        tried = self.now if tried is None else min(self.now, tried)
        self._clean = 0
        if tried <= self._least:
            return False
        self.now = max(self._least, tried / 2)
        return True

    def passed(self) -> None:
        """It went through."""
        self._clean += 1
        if self._clean >= CLEAN_PASSES and self.now < self.most:
            self.now = min(self.most, self.now * 2)
            self._clean = 0
