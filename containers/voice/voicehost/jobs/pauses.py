"""How long a job that cannot be gone on with is left alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from voicehost.jobs.layout import Place

FIRST_SECONDS = 30.0
MOST_SECONDS = 1800.0


class Pauses:
    """The first is short, and each further one twice as long. Thread-safe; a restart forgets."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._pauses: dict[Place, tuple[float, float]] = {}

    def __contains__(self, place: Place) -> bool:
        """Whether this job is left alone now."""
        with self._lock:
            return place in self._pauses and self._clock() < self._pauses[place][0]

    def begin(self, place: Place) -> None:
        with self._lock:
            _, last = self._pauses.get(place, (0.0, FIRST_SECONDS / 2))
            seconds = min(2 * last, MOST_SECONDS)
            self._pauses[place] = self._clock() + seconds, seconds

    def forget(self, place: Place) -> None:
        """It got on: the next pause is a first one again."""
        with self._lock:
            self._pauses.pop(place, None)
