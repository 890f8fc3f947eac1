"""How many requests are held open at once, and how much memory their bodies and audio may take.

Refusing beyond that keeps threads free: health checks answer whatever the load.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from voicehost.errors import QueueFull

BUSY = "The server is holding as many requests as it can. Try again in a moment."
RETRY_SECONDS = 5


class Gate:
    def __init__(self, requests: int, bytes_: int) -> None:
        self._lock = threading.Lock()
        self._requests = requests
        self._bytes = bytes_

    @contextmanager
    def request(self, size: int) -> Iterator[None]:
        """Hold one place and `size` bytes for the body. Raises QueueFull."""
        with self._hold(1, size):
            yield

    @contextmanager
    def memory(self, size: int) -> Iterator[Held]:
        """Hold `size` bytes more, for decoded audio. Raises QueueFull."""
        with self._hold(0, size) as held:
            yield held

    def take(self, requests: int, size: int) -> None:
        """So many requests and bytes more; less than none gives back. Raises QueueFull."""
        with self._lock:
            if self._requests < requests or self._bytes < size:
                raise QueueFull(BUSY, retry_after=RETRY_SECONDS)
            self._requests -= requests
            self._bytes -= size

    @contextmanager
    def _hold(self, requests: int, size: int) -> Iterator[Held]:
        self.take(requests, size)
        held = Held(self, size)
        try:
            yield held
        finally:
            self.take(-requests, -held.size)


class Held:
    """Memory that is held: `size` bytes of it."""

    def __init__(self, gate: Gate, size: int) -> None:
        self.size = size
        self._gate = gate

    def resize(self, size: int) -> None:
        """Hold so many bytes instead. Raises QueueFull."""
        self._gate.take(0, size - self.size)
        self.size = size
