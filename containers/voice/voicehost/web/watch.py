"""A deadline on reading from a socket, however slowly the bytes drip in."""

from __future__ import annotations

import contextlib
import heapq
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(order=True, slots=True)
class Reading:
    """One phase of reading. `expired` says that it was ended because its time was over."""

    until: float
    sock: socket.socket = field(compare=False)
    done: bool = field(default=False, compare=False)
    expired: bool = field(default=False, compare=False)


class Watch:
    """Ends reading at the deadline by closing the socket's reading half.

    The reader then sees an end of file and can still write an answer. One thread serves all.
    """

    def __init__(self) -> None:
        self._heap: list[Reading] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @contextmanager
    def reading(self, sock: socket.socket, seconds: float) -> Iterator[Reading]:
        reading = Reading(time.monotonic() + seconds, sock)
        with self._changed:
            heapq.heappush(self._heap, reading)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._main, name="reading-watch", daemon=True
                )
                self._thread.start()
            if self._heap[0] is reading:
                self._changed.notify()
        try:
            yield reading
        finally:
            self.release(reading)

    def release(self, reading: Reading) -> None:
        with self._changed:
            reading.done = True

    def _main(self) -> None:
        with self._changed:
            while True:
                while self._heap and self._heap[0].done:
                    heapq.heappop(self._heap)
                if not self._heap:
                    self._changed.wait()
                    continue
                left = self._heap[0].until - time.monotonic()
                if left > 0:
                    self._changed.wait(left)
                    continue
                reading = heapq.heappop(self._heap)
                if not reading.done:
                    reading.expired = True
                    with contextlib.suppress(OSError):
                        reading.sock.shutdown(socket.SHUT_RD)


watch = Watch()
