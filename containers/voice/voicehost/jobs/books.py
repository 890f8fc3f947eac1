"""Closing the books on an ended job: whoever wants to hear of it is called, then it is no longer
open."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from voicehost.jobs.callbacks import Callbacks
from voicehost.jobs.endings import ending_of
from voicehost.jobs.job import Job
from voicehost.jobs.layout import Place
from voicehost.jobs.records import End, Marker
from voicehost.jobs.shelf import Shelf
from voicehost.jobs.turns import Turns

log = logging.getLogger(__name__)


class Books:
    """`body` is what a callback gets of a job; `live` whether one is worked on again."""

    def __init__(
        self,
        shelf: Shelf,
        callbacks: Callbacks,
        turns: Turns,
        body: Callable[[Job], dict[str, object]],
        live: Callable[[Place], bool],
    ) -> None:
        self._shelf = shelf
        self._callbacks = callbacks
        self._turns = turns
        self._body = body
        self._live = live
        self._lock = threading.Lock()
        self._open: set[Place] = set()

    def __contains__(self, place: Place) -> bool:
        """Whether somebody is being called."""
        return place in self._open

    def keep_end(self, job: Job) -> End:
        """Write down how a job ended that was worked on. Raises KeepingFailed."""
        place = self._shelf.place_of(job.head)
        # Through another slot somebody may have asked to be called.
        job.head = self._shelf.head(place) or job.head
        end = ending_of(job)
        self._shelf.keep_end(place, end)
        counts = {"count": job.head.count, "failed": len(end.failures), "undone": len(end.undone)}
        log.info("job ended", extra={"job": job.head.id, "status": end.status, **counts})
        return end

    def note(self, job: Job, callback: str | None) -> None:
        """Whom to call when the job has ended. Raises KeepingFailed."""
        if callback is not None and callback != job.head.callback:
            job.head = job.head.model_copy(update={"callback": callback})
            self._shelf.save(job.head)

    def tell(self, job: Job, callback: str | None) -> None:
        """Somebody asks to be called about a job that has ended. Raises KeepingFailed."""
        place = self._shelf.place_of(job.head)
        if callback is None or job.end is None or place in self:
            return
        self.note(job, callback)
        job.end = job.end.model_copy(update={"told": False})
        self._shelf.mark(place, Marker())
        self._shelf.keep_end(place, job.end)
        self.close(job, self._shelf.slot)

    def close(self, job: Job, slot: str) -> None:
        """The job stays marked until the callback was delivered or given up, so that the next
        process delivers what this one could not. Raises KeepingFailed."""
        place = self._shelf.place_of(job.head)
        if job.end is None or job.end.told or job.head.callback is None:
            self._shelf.unmark(place, slot)
            return
        with self._lock:
            if place in self._open:
                return
            self._open.add(place)
        calling = threading.Thread(
            target=self._call, args=(job, job.head.callback, slot), name="callback", daemon=True
        )
        try:
            calling.start()
        except RuntimeError:
            log.warning("no thread for a callback can start", extra={"job": place.id})
            with self._lock:
                self._open.discard(place)

    def _call(self, job: Job, url: str, slot: str) -> None:
        place = self._shelf.place_of(job.head)
        try:
            if self._callbacks.tell(url, {"success": True, **self._body(job)}, job.head.id):
                self._note(job, place, slot)
        except Exception:
            log.exception("callback not noted", extra={"job": place.id})
        finally:
            with self._lock:
                self._open.discard(place)

    def _note(self, job: Job, place: Place, slot: str) -> None:
        with self._turns.of(place):
            head = self._shelf.head(place)
            end = None if head is None else self._shelf.end(head)
            # Meanwhile the job may have been gone on with; its new end is told by itself.
            if end is not None and end == job.end and not self._live(place):
                self._shelf.keep_end(place, end.model_copy(update={"told": True}))
                self._shelf.unmark(place, slot)
