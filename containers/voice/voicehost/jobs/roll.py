"""The jobs that a server works on, or will when it is their turn."""

from __future__ import annotations

import threading

from voicehost.errors import KeyBusy
from voicehost.jobs.job import Job
from voicehost.jobs.layout import Place
from voicehost.jobs.records import End
from voicehost.telemetry.activity import Activity

BUSY_SECONDS = 30


class Roll:
    """Each counts as work under way; a caller has at most so many. Thread-safe."""

    def __init__(self, activity: Activity, per_key: int) -> None:
        self._activity = activity
        self._per_key = per_key
        self._live: dict[Place, Job] = {}
        self._lock = threading.Lock()

    def __contains__(self, place: object) -> bool:
        return place in self._live

    def at(self, place: Place) -> Job | None:
        return self._live.get(place)

    def all(self) -> list[Job]:
        with self._lock:
            return list(self._live.values())

    def enter(self, place: Place, job: Job, *, limited: bool) -> None:
        """Raises Draining, and KeyBusy for one too many of a caller where that is `limited`."""
        self._activity.begin(lambda: self._enter(place, job, limited))

    def leave(self, place: Place, job: Job, end: End | None) -> None:
        """It ended, or goes on later."""
        with self._lock:
            if self._live.get(place) is job:
                del self._live[place]
        self._activity.end()
        job.leave(end)

    def _enter(self, place: Place, job: Job, limited: bool) -> None:
        with self._lock:
            mine = sum(other.folder == place.folder for other in self._live)
            if limited and mine >= self._per_key:
                raise KeyBusy(
                    f"You already have {mine} jobs open, and at most {self._per_key} may be. Wait "
                    "for one to end, or cancel one.",
                    retry_after=BUSY_SECONDS,
                )
            self._live[place] = job
