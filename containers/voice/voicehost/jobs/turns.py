"""One at a time, for each job."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from voicehost.jobs.layout import Place


class Turns:
    def __init__(self) -> None:
        self._taken: set[Place] = set()
        self._over = threading.Condition()

    def __contains__(self, place: Place) -> bool:
        return place in self._taken

    @contextmanager
    def of(self, place: Place) -> Iterator[None]:
        """Nobody else has a turn with this job meanwhile."""
        with self._over:
            self._over.wait_for(lambda: place not in self._taken)
            self._taken.add(place)
        try:
            yield
        finally:
            with self._over:
                self._taken.discard(place)
                self._over.notify_all()
