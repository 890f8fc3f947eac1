"""One request's place in the queue: its pieces of work and what became of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from voicehost.errors import CallerGone, VoiceError


@dataclass(eq=False, slots=True)
class Work:
    """One row for an engine. `payload` is the engine's own input type."""

    ticket: Ticket
    index: int
    payload: Any
    queued_at: float = 0.0
    started_at: float | None = None
    queued_step: int = 0
    started_step: int | None = None

    @property
    def cancelled(self) -> bool:
        """True once nobody waits for the result; an engine stops such a row where it can."""
        return self.ticket.settled


class Ticket:
    """The pieces of work of one request, settled together.

    With `keep_going`, a failed piece keeps its error as its outcome and the others go on;
    without, the first error settles the whole ticket and the rest is dropped. `most_waiting` is
    the key's own limit of pieces in the queue, where it has one.
    """

    def __init__(
        self,
        payloads: Sequence[Any],
        *,
        key: str,
        request_id: str = "",
        keep_going: bool = False,
        deadline: float | None = None,
        most_waiting: int | None = None,
    ) -> None:
        self.key = key
        self.most_waiting = most_waiting
        self.request_id = request_id
        self.deadline = deadline
        self.position = 0
        self.created_at = time.monotonic()
        self.first_started_at: float | None = None
        self.error: VoiceError | None = None
        self.works = [Work(self, index, payload) for index, payload in enumerate(payloads)]
        self._keep_going = keep_going
        self._outcomes: list[Any] = [None] * len(self.works)
        self._left = len(self.works)
        self._there = [False] * len(self.works)
        self._lock = threading.Lock()
        self._arrived = threading.Condition(self._lock)
        self._settled = threading.Event()
        if not self.works:
            self._settled.set()

    @property
    def settled(self) -> bool:
        return self._settled.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait until settled, at most so long; returns whether it is."""
        return self._settled.wait(seconds)

    def wait_for(self, index: int, seconds: float) -> bool:
        """Wait until one piece has its outcome or all is settled, at most so long; whether so."""
        with self._arrived:
            return self._arrived.wait_for(lambda: self._there[index] or self.settled, seconds)

    def outcome(self, index: int) -> Any:
        """The result of one piece; raises the error that settled the ticket before it was there."""
        if self.error is not None and not self._there[index]:
            raise self.error
        return self._outcomes[index]

    def outcomes(self) -> list[Any]:
        """Results in the order of the payloads; raises the error that settled the ticket."""
        if self.error is not None:
            raise self.error
        return list(self._outcomes)

    def queue_seconds(self, now: float) -> float:
        """Time from arrival to the first piece's start, or to now while all still wait."""
        return max(0.0, (self.first_started_at or now) - self.created_at)

    def note_start(self, work: Work, now: float, step: int) -> None:
        work.started_at, work.started_step = now, step
        if self.first_started_at is None:
            self.first_started_at = now

    def resolve(self, work: Work, result: Any) -> None:
        with self._lock:
            if self.settled:
                return
            self._outcomes[work.index] = result
            self._there[work.index] = True
            self._left -= 1
            if self._left == 0:
                self._settled.set()
            self._arrived.notify_all()

    def fail(self, work: Work, error: VoiceError) -> None:
        if self._keep_going:
            self.resolve(work, error)
        else:
            self.settle(error)

    def settle(self, error: VoiceError) -> None:
        """End the ticket with an error, unless it has ended already."""
        with self._lock:
            if not self.settled:
                self.error = error
                self._settled.set()
                self._arrived.notify_all()

    def abandon(self) -> None:
        """The caller has gone: waiting pieces are dropped, running ones may be cancelled."""
        self.settle(CallerGone("The caller hung up."))
