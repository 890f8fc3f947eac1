"""Doing the items of one job."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from voicehost.caller import JOBS, Caller
from voicehost.ending import ending
from voicehost.errand import Errand
from voicehost.errors import CallerGone, EngineFault, KeepingFailed, VoiceError
from voicehost.host import Host
from voicehost.items.call import BatchCall, Item
from voicehost.jobs.job import Job, Stop
from voicehost.jobs.records import Failure, Marker
from voicehost.jobs.shelf import Shelf
from voicehost.threads import begun
from voicehost.web.errors import FAULT

log = logging.getLogger(__name__)

# Rows for an engine that is never without work; the rest of the queue is for callers who wait.
MORE_THAN_ROWS = 2
MOST_AT_ONCE = 18
LOOK_SECONDS = 0.5
# A disk or bucket that fails for a moment costs no result.
KEEP_PAUSES = (0.5, 1.0, 2.0, 4.0)
# Statuses from here on are the server's own fault.
FAULTS = 500
DAMAGED = Failure(error="What was stored of this item cannot be read. Send it again.", status=500)


class Work:
    """`run()` does all that is not done, as much at a time as keeps the engine busy."""

    def __init__(self, host: Host, call: BatchCall, job: Job, shelf: Shelf) -> None:
        self._host = host
        self._call = call
        self._job = job
        self._shelf = shelf
        self._place = shelf.place_of(job.head)
        self._caller = Caller(
            job.head.key + JOBS, job.head.folder, job.head.id, job.head.queue_items
        )

    def run(self) -> None:
        """Returns when all items are settled or the job was stopped. Raises KeepingFailed."""
        if not self._ready():
            return
        # Before the first item: one that ends the process must not do so for ever.
        self._job.begun, self._job.marked = self._job.begun + 1, self._job.finished
        self._shelf.mark(self._place, Marker(begun=self._job.begun, finished=self._job.marked))
        self._job.start()
        more = min(self._at_once(), self._job.head.count - self._job.finished) - 1
        others = begun(self._items, more, "job-item")
        self._items()
        for thread in others:
            thread.join()

    def _ready(self) -> bool:
        """Waits for the models and the keys; whether they are there, and not the job's end."""
        while not self._host.ready:
            if self._job.stopped.wait(LOOK_SECONDS):
                return False
        return not self._job.stopped.is_set()

    def _allowed(self) -> bool:
        """Whether the key still opens, whose job it is; one that does not cancels the job."""
        keys = self._host.keys
        if keys.anonymous or keys.knows(self._job.head.key.removesuffix(JOBS)):
            return True
        if not self._job.stopped.is_set():
            log.warning("job of a key that is gone", extra={"job": self._job.head.id})
        self._job.stop(Stop.CANCELLED)
        return False

    def _at_once(self) -> int:
        rows = max(self._host.schedulers[name].engine.rows for name in self._call.schedulers)
        return min(rows + MORE_THAN_ROWS, MOST_AT_ONCE)

    def _items(self) -> None:
        while self._allowed() and (index := self._job.take()) is not None:
            try:
                self._item(index)
            except KeepingFailed:
                self._job.put_back(index)
                self._job.stop(Stop.STUCK)
            except CallerGone:
                self._job.put_back(index)
            except Exception:
                self._job.fail(index, self._fault(index))

    def _item(self, index: int) -> None:
        outcome = self._outcome(index)
        if isinstance(outcome, Failure):
            if ending.is_set():
                # It may have failed because the process ends.
                self._job.stop(Stop.LATER)
                raise CallerGone("The server is being stopped.")
            self._kept(lambda: self._shelf.keep_failure(self._place, index, outcome))
            self._job.fail(index, outcome)
        else:
            self._kept(lambda: self._shelf.keep_result(self._place, index, outcome))
            self._job.done(index)
        self._count(outcome)

    def _count(self, outcome: dict[str, Any] | Failure) -> None:
        """An item counts as a call: the alarm about errors knows no other measure."""
        self._host.metrics.add("Requests", 1, "Count")
        if isinstance(outcome, Failure) and outcome.status >= FAULTS:
            self._host.metrics.add("ServerErrors", 1, "Count")

    def _outcome(self, index: int) -> dict[str, Any] | Failure:
        """Raises CallerGone when the job was stopped, KeepingFailed when the item is not to be
        had."""
        item = self._shelf.given(self._place, index)
        if item is None:
            return DAMAGED
        try:
            try:
                return self._performed(item)
            except EngineFault:
                return self._performed(item)
        except VoiceError as error:
            if self._job.stopped.is_set():
                raise CallerGone("The job was stopped.") from None
            return Failure(error=error.message, status=error.status)
        except Exception:
            return self._fault(index)

    def _fault(self, index: int) -> Failure:
        log.exception("item of a job failed", extra={"job": self._job.head.id, "item": index})
        return Failure(error=FAULT, status=500)

    def _performed(self, item: Item) -> dict[str, Any]:
        seconds = self._host.settings.deadline_seconds
        errand = Errand(self._caller, deadline=time.monotonic() + seconds, wish=self._job.head.wish)
        with self._job.errand(errand):
            return self._call.perform(errand, item)

    def _kept(self, keep: Callable[[], None]) -> None:
        """Raises KeepingFailed."""
        for pause in (*KEEP_PAUSES, None):
            if self._job.why is Stop.REMOVED:
                raise CallerGone("The job was removed.")
            try:
                keep()
                return
            except KeepingFailed:
                if pause is None or self._job.stopped.wait(pause):
                    raise
