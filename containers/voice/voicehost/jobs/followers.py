"""How many callers may follow jobs at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

# One in so many of the calls that a server holds at once.
SHARE = 4


class Followers:
    """Keeps places free for all other calls, however many wait for jobs."""

    def __init__(self, requests_at_once: int) -> None:
        self._free = threading.BoundedSemaphore(max(1, requests_at_once // SHARE))

    @contextmanager
    def one_more(self) -> Iterator[bool]:
        """Whether there is room for it."""
        taken = self._free.acquire(blocking=False)
        try:
            yield taken
        finally:
            if taken:
                self._free.release()
