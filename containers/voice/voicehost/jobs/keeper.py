"""Looks after jobs now and then: takes them up again, shows that they are worked on, tidies up."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from voicehost.blobs.disk import DiskBlobs
from voicehost.ending import ending
from voicehost.errors import Draining, KeepingFailed
from voicehost.jobs.job import Job, Stop
from voicehost.jobs.layout import Place
from voicehost.jobs.records import Marker, now

if TYPE_CHECKING:
    from voicehost.jobs.jobs import Jobs

log = logging.getLogger(__name__)

LOOK_SECONDS = 30.0
# The server's end leaves no time to wait for the next look.
TICK_SECONDS = 0.5
SWEEP_SECONDS = 3600.0
# A marker of another slot that was not renewed for so long belongs to nobody.
ORPHANED = timedelta(minutes=10)
RENEWED = timedelta(minutes=2)


class Keeper:
    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._closed = threading.Event()
        self._next_sweep = 0.0

    def start(self) -> None:
        threading.Thread(target=self._main, name="jobs", daemon=True).start()

    def close(self) -> None:
        self._closed.set()

    def look(self) -> None:
        """Everything once. Raises KeepingFailed."""
        self._jobs.hold_back()
        self._jobs.fill()
        for slot, place, changed in list(self._jobs.shelf.markers()):
            mine = slot == self._jobs.shelf.slot
            age = now() - changed
            job = self._jobs.live_at(place)
            if job is None and (mine or age > ORPHANED):
                self._resume(place, slot)
            elif job is not None and mine:
                self._look_at(place, job, age)
        if time.monotonic() >= self._next_sweep:
            self._next_sweep = time.monotonic() + SWEEP_SECONDS
            blobs = self._jobs.shelf.blobs
            if isinstance(blobs, DiskBlobs):  # in a bucket, its own rules do it
                self._jobs.shelf.sweep(self._jobs.busy)
                blobs.tidy()

    def _resume(self, place: Place, slot: str) -> None:
        try:
            self._jobs.resume(place, slot)
        except Draining:
            pass  # it goes on when the lease is over
        except KeepingFailed as error:
            log.warning("job not resumed", extra={"job": place.id, "reason": error.message})
            self._jobs.pauses.begin(place)
        except Exception:
            log.exception("job not resumed", extra={"job": place.id})

    def _look_at(self, place: Place, job: Job, age: timedelta) -> None:
        """Renew the marker; and see what another slot was asked to do with the job."""
        if place in self._jobs.turns or job.why is not None:
            return
        head = self._jobs.shelf.head(place)
        if head is None:
            self._jobs.stop(job, Stop.REMOVED)
        elif self._jobs.shelf.end(head) is not None:
            self._jobs.stop(job, Stop.CANCELLED)
        elif age > RENEWED:
            self._jobs.shelf.mark(place, Marker(begun=job.begun, finished=job.marked))

    def _main(self) -> None:
        next_look = time.monotonic()
        while True:
            if ending.is_set():
                self._jobs.put_off()
            elif time.monotonic() >= next_look:
                self._look()
                next_look = time.monotonic() + LOOK_SECONDS
            if self._closed.wait(TICK_SECONDS):
                return

    def _look(self) -> None:
        try:
            self.look()
        except KeepingFailed as error:
            log.warning("jobs cannot be looked after", extra={"reason": error.message})
        except Exception:
            log.exception("jobs cannot be looked after")
