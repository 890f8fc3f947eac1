"""Work for one caller on any thread: in a request, beside one, or long after it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from voicehost.caller import Caller
from voicehost.errors import CallerGone, DeadlinePassed, KeyBusy, Unavailable
from voicehost.memory.wish import Wish
from voicehost.queueing.scheduler import Scheduler
from voicehost.queueing.ticket import Ticket

LOOK_SECONDS = 0.5
MOST_PAUSE_SECONDS = 15.0
LATE = (
    "The work was not done before this request's deadline. Send fewer items, or try again when "
    "the server is less busy."
)
GONE = "The caller hung up."


class Errand:
    """Everything that one call has a scheduler or the neighbour do.

    `deadline` is in the seconds of `time.monotonic()`; `gone()` says that nobody waits any more
    and is asked now and then. `wish` says what the audio store may do. Thread-safe.
    """

    def __init__(
        self,
        caller: Caller,
        *,
        deadline: float | None = None,
        gone: Callable[[], bool] = lambda: False,
        wish: Wish = Wish.USE,
    ) -> None:
        self.caller = caller
        self.deadline = deadline
        self.wish = wish
        self.items = 0
        self.audio_seconds = 0.0
        self._gone = gone
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._tickets: dict[Ticket, Scheduler] = {}
        self._first: Ticket | None = None

    def cancel(self) -> None:
        """Nobody waits any more: waiting pieces are dropped, running ones stopped where it goes."""
        self._over.set()
        with self._lock:
            tickets = dict(self._tickets)
        for ticket, scheduler in tickets.items():
            _drop(ticket, scheduler)

    @property
    def position(self) -> int:
        """Pieces of work that waited when the first piece came; 0 before that."""
        return 0 if self._first is None else self._first.position

    @property
    def queue_seconds(self) -> float:
        """Time from the first piece's arrival to its start, or to now while it waits."""
        return 0.0 if self._first is None else self._first.queue_seconds(time.monotonic())

    @property
    def queue_steps(self) -> int:
        """The engine's steps between the first piece's arrival and its start."""
        works = self._first.works if self._first is not None else []
        if not works or works[0].started_step is None:
            return 0
        return works[0].started_step - works[0].queued_step

    def note_audio(self, seconds: float) -> None:
        """Count audio that was made or heard."""
        with self._lock:
            self.audio_seconds += seconds

    def wanted(self) -> bool:
        """Whether somebody still waits. A caller who has gone cancels everything."""
        if not self._over.is_set() and self._gone():
            self.cancel()
        return not self._over.is_set()

    def check(self) -> None:
        """Raises CallerGone or DeadlinePassed."""
        if not self.wanted():
            raise CallerGone(GONE)
        if self.seconds_left() == 0:
            raise DeadlinePassed(LATE, retry_after=5)

    def seconds_left(self) -> float | None:
        """Until the deadline, 0 behind it; None without one."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    def pause(self, seconds: float) -> None:
        """Wait, at most 15 s, and not longer than somebody waits. Raises as `check`."""
        end = time.monotonic() + min(seconds, MOST_PAUSE_SECONDS)
        while (left := end - time.monotonic()) > 0:
            self.check()
            self._over.wait(min(LOOK_SECONDS, left))
        self.check()

    def run(
        self,
        scheduler: Scheduler,
        payloads: Sequence[Any],
        *,
        keep_going: bool = False,
        patient: bool = False,
    ) -> list[Any]:
        """Results in the order of the payloads.

        With `keep_going` a failed piece has its VoiceError as its result. `patient` waits until
        there is room in the queue, where else QueueFull, KeyBusy and NotReady are raised. Raises
        VoiceError.
        """
        return list(self.each(scheduler, payloads, keep_going=keep_going, patient=patient))

    def each(
        self,
        scheduler: Scheduler,
        payloads: Sequence[Any],
        *,
        keep_going: bool = False,
        patient: bool = False,
    ) -> Iterator[Any]:
        """The same, each result as soon as it and all before it are there.

        The work is queued by the call; leaving the loop early drops the rest.
        """
        ticket = Ticket(
            payloads,
            key=self.caller.key,
            request_id=self.caller.request_id,
            keep_going=keep_going,
            deadline=self.deadline,
            most_waiting=self.caller.queue_items,
        )
        self._submit(ticket, scheduler, patient)
        return self._results(ticket, scheduler)

    def _results(self, ticket: Ticket, scheduler: Scheduler) -> Iterator[Any]:
        try:
            for index in range(len(ticket.works)):
                self._wait(ticket, index, scheduler)
                yield ticket.outcome(index)
        finally:
            with self._lock:
                self._tickets.pop(ticket, None)
            _drop(ticket, scheduler)

    def _submit(self, ticket: Ticket, scheduler: Scheduler, patient: bool) -> None:
        with self._lock:
            self._tickets[ticket] = scheduler
        while True:
            self.check()
            try:
                scheduler.submit(ticket)
                break
            except (Unavailable, KeyBusy) as error:
                if not patient:
                    raise
                wait = error.retry_after or 1.0
            self.pause(wait)
        with self._lock:
            self._first = self._first or ticket
        if self._over.is_set():
            _drop(ticket, scheduler)

    def _wait(self, ticket: Ticket, index: int, scheduler: Scheduler) -> None:
        while not ticket.wait_for(index, self._look()):
            if self.seconds_left() == 0:
                again = scheduler.seconds_for(len(scheduler.queue))
                ticket.settle(DeadlinePassed(LATE, retry_after=again))
            elif not self.wanted():
                ticket.abandon()

    def _look(self) -> float:
        left = self.seconds_left()
        return LOOK_SECONDS if left is None else min(LOOK_SECONDS, left)


def _drop(ticket: Ticket, scheduler: Scheduler) -> None:
    ticket.abandon()
    scheduler.queue.discard(ticket)
