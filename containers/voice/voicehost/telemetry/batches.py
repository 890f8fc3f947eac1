"""A lease that refuses batches, so that what is left of a budget serves single calls."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from voicehost.errors import BatchesRefused

BUDGET = "This month's GPU budget is nearly used up"


class Batches:
    """Whether a call may carry several items. Like a drain, a refusal expires by itself."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._refused_until = 0.0
        self._why = BUDGET

    def refuse(self, seconds: float, why: str) -> None:
        """Begin or renew the lease; `why` is the beginning of a sentence for the caller."""
        with self._lock:
            self._refused_until = self._clock() + seconds
            self._why = why.strip().rstrip(".") or BUDGET

    def allow(self) -> None:
        with self._lock:
            self._refused_until = 0.0

    def refused_seconds(self) -> float:
        """How long the lease still holds; 0 without one."""
        with self._lock:
            return max(0.0, self._refused_until - self._clock())

    def check(self, items: int) -> None:
        """Raise BatchesRefused for more than one item while the lease holds."""
        left = self.refused_seconds()
        if items > 1 and left > 0:
            raise BatchesRefused(
                f"{self._why}, so batches are refused; a call with one text or one recording "
                "still works.",
                retry_after=left,
            )
