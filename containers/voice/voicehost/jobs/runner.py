"""Which jobs are worked on, and which wait."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from voicehost.jobs.job import Job

log = logging.getLogger(__name__)


class Runner:
    """Works on `most` jobs at once, each on a thread of its own.

    The next is the oldest of the caller who has the fewest under way, so that nobody's sixteen
    jobs keep somebody's one waiting. Where no thread can start it waits on; `fill()` tries again.
    """

    def __init__(self, most: int, work: Callable[[Job], None]) -> None:
        self._most = most
        self._work = work
        self._lock = threading.Lock()
        self._waiting: list[Job] = []
        self._running: list[Job] = []

    def add(self, job: Job) -> None:
        with self._lock:
            self._waiting.append(job)
        self.fill()

    def hurry(self, job: Job) -> None:
        """A stopped job needs no turn to end."""
        with self._lock:
            waits = job in self._waiting
            if waits:
                self._begin(job)

    def fill(self) -> None:
        """Begin as many as there is room for."""
        with self._lock:
            while self._waiting and len(self._running) < self._most:
                if not self._begin(min(self._waiting, key=self._under_way)):
                    return

    def _under_way(self, job: Job) -> int:
        return sum(other.head.folder == job.head.folder for other in self._running)

    def _begin(self, job: Job) -> bool:
        try:
            threading.Thread(target=self._main, args=(job,), name="job", daemon=True).start()
        except RuntimeError:
            log.warning("no thread for a job can start", extra={"job": job.head.id})
            return False
        self._waiting.remove(job)
        self._running.append(job)
        return True

    def _main(self, job: Job) -> None:
        try:
            self._work(job)
        finally:
            with self._lock:
                self._running.remove(job)
            self.fill()
