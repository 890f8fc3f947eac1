"""What is under way, when the last request was, and the drain lease."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from voicehost.errors import Draining


class Busy(Exception):
    """A drain was asked for while work is under way."""

    def __init__(self, in_flight: int) -> None:
        super().__init__(f"{in_flight} requests are under way")
        self.in_flight = in_flight


@dataclass(frozen=True, slots=True)
class ActivityNow:
    in_flight: int
    seconds_since_last_request: float
    draining_seconds: float


class Activity:
    """Counts accepted requests only: health checks and refused calls never come here.

    A drain is a lease: granted only while nothing is under way, it refuses new work until it
    expires, is renewed or is ended. Granting and beginning work exclude each other.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._in_flight = 0
        self._last = clock()
        self._drain_until = 0.0

    def begin(self, admit: Callable[[], None]) -> None:
        """Count a request if `admit()` takes it; an error from there counts nothing.

        Raises Draining. Every `begin` that returns needs one `end`, when the answer's last byte
        is out.
        """
        with self._lock:
            self._refuse_if_draining()
            admit()
            self._in_flight += 1
            self._last = self._clock()

    def end(self) -> None:
        with self._lock:
            self._in_flight -= 1
            self._last = self._clock()

    def check(self) -> None:
        """Raise Draining if a lease holds now; for a refusal before a body is read."""
        with self._lock:
            self._refuse_if_draining()

    def drain(self, seconds: float) -> None:
        """Grant or renew the lease. Raises Busy while anything is under way."""
        with self._lock:
            if self._in_flight:
                raise Busy(self._in_flight)
            self._drain_until = self._clock() + seconds

    def resume(self) -> None:
        with self._lock:
            self._drain_until = 0.0

    def now(self) -> ActivityNow:
        """Seconds since the last request are 0 while one is under way."""
        with self._lock:
            now = self._clock()
            idle = 0.0 if self._in_flight else now - self._last
            return ActivityNow(self._in_flight, idle, max(0.0, self._drain_until - now))

    def _refuse_if_draining(self) -> None:
        left = self._drain_until - self._clock()
        if left > 0:
            raise Draining(
                "This server is about to be stopped and takes no new work. Try again shortly.",
                retry_after=min(30.0, left),
            )
