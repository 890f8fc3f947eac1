"""A job as whoever asks for it sees it: what is known of each item, and how it ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import Any, Literal

from voicehost.errand import Errand
from voicehost.jobs.records import End, Failure, Head, Status, stamp

ItemStatus = Literal["waiting", "running", "done", "failed", "cancelled"]
CANCELLED = Failure(error="The job was cancelled before this item was done.", status=409)


class Stop(Enum):
    """Why a job is worked on no longer: it goes on LATER, by no fault of its own; its results
    cannot be kept, so that it is STUCK; it is CANCELLED, or is to be REMOVED."""

    LATER = "later"
    STUCK = "stuck"
    CANCELLED = "cancelled"
    REMOVED = "removed"


class Job:
    """Items by index, changed by those who work on them; `end` is set when all is over.

    `begun` is how often it was begun since an item was finished last, and `marked` how many were
    finished then. A job that nobody here works on does not change. Thread-safe.
    """

    def __init__(
        self, head: Head, made: set[int], failures: Mapping[int, Failure], end: End | None = None
    ) -> None:
        self.head = head
        self.end = end
        self.failures = dict(failures if end is None else end.failures)
        self.given_up = False
        self.begun = 0
        self.marked = 0
        self.stopped = threading.Event()
        self.left = threading.Event()
        self.why: Stop | None = None
        self._errands: set[Errand] = set()
        self._changed = threading.Condition()
        self._since: float | None = None
        self._finished_before = 0
        self._states: list[ItemStatus] = [
            self._first(index, made, end) for index in range(head.count)
        ]

    def _first(self, index: int, made: set[int], end: End | None) -> ItemStatus:
        if index in self.failures:
            return "failed"
        if end is not None:
            return "cancelled" if index in end.undone else "done"
        return "done" if index in made else "waiting"

    def state(self, index: int) -> ItemStatus:
        return self._states[index]

    def failure(self, index: int) -> Failure | None:
        """Why this item has no result, and never will; None otherwise."""
        return CANCELLED if self.state(index) == "cancelled" else self.failures.get(index)

    def settled(self, index: int) -> bool:
        return self.state(index) not in ("waiting", "running")

    def missing(self) -> list[int]:
        """Items without a result."""
        return [index for index in range(self.head.count) if self.state(index) != "done"]

    def wait(self, index: int, seconds: float) -> bool:
        """Until this item is settled (behind the last one: until the job has ended), at most so
        long; whether it is."""

        def there() -> bool:
            return self.settled(index) if index < self.head.count else self.end is not None

        with self._changed:
            # One that nobody works on is looked up again, but not all the time.
            self._changed.wait_for(lambda: there() or self.left.is_set(), seconds)
            return there()

    def take(self) -> int | None:
        """The next item to do; None when there is none, or no more is to be done."""
        with self._changed:
            if self.stopped.is_set() or "waiting" not in self._states:
                return None
            index = self._states.index("waiting")
            self._states[index] = "running"
            return index

    def put_back(self, index: int) -> None:
        self._set(index, "waiting")

    def done(self, index: int) -> None:
        self._set(index, "done")

    def fail(self, index: int, failure: Failure) -> None:
        with self._changed:
            self.failures[index] = failure
        self._set(index, "failed")

    def start(self) -> None:
        """Work begins: from here on the pace is measured."""
        with self._changed:
            self._since, self._finished_before = time.monotonic(), self.finished

    @contextmanager
    def errand(self, errand: Errand) -> Iterator[Errand]:
        """An errand that ends when the job is stopped."""
        with self._changed:
            self._errands.add(errand)
        if self.stopped.is_set():
            errand.cancel()
        try:
            yield errand
        finally:
            with self._changed:
                self._errands.discard(errand)

    def stop(self, why: Stop) -> None:
        """No item is begun any more, and those that run are dropped. The first reason stands,
        unless the job is to be removed."""
        with self._changed:
            if self.why is None or why is Stop.REMOVED:
                self.why = why
            self.stopped.set()
            errands = list(self._errands)
        for errand in errands:
            errand.cancel()

    def leave(self, end: End | None) -> None:
        """Nobody works on it any more: it ended, or goes on later."""
        with self._changed:
            if end is not None:
                self.end = end
                for index in end.undone:
                    self._states[index] = "cancelled"
            self.left.set()
            self._changed.notify_all()

    @property
    def finished(self) -> int:
        return self._states.count("done") + self._states.count("failed")

    @property
    def status(self) -> Status:
        if self.end is not None:
            return self.end.status
        if self.why is Stop.CANCELLED:
            return "cancelled"
        return "queued" if self._since is None and self.finished == 0 else "running"

    def body(self, expires_at: str, *, items: bool = True) -> dict[str, Any]:
        """As JSON, for whoever may see it. It holds neither texts nor audio."""
        listed = {"items": [self._item(index) for index in range(self.head.count)]}
        ended = None if self.end is None else stamp(self.end.ended_at)
        return {
            "id": self.head.id,
            "call": self.head.path,
            "status": self.status,
            "count": self.head.count,
            "done": self._states.count("done"),
            "failed": self._states.count("failed"),
            "created_at": stamp(self.head.created_at),
            "ended_at": ended,
            "expires_at": expires_at,
            "seconds_left": self._seconds_left(),
            **(listed if items else {}),
        }

    def _item(self, index: int) -> dict[str, Any]:
        failure = self.failure(index)
        error = {} if failure is None else {"error": failure.error}
        return {"index": index, "status": self.state(index), **error}

    def _seconds_left(self) -> float | None:
        """At the pace since work began here; None when nothing tells it."""
        done = self.finished - self._finished_before
        if self.end is not None or self._since is None or done == 0:
            return None
        pace = (time.monotonic() - self._since) / done
        return round(pace * (self.head.count - self.finished), 1)

    def _set(self, index: int, state: ItemStatus) -> None:
        with self._changed:
            self._states[index] = state
            self._changed.notify_all()
