"""The audio store: entries that expire, in a place that may fail without anybody's noticing."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent import futures
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

from voicehost.blobs.disk import DiskBlobs
from voicehost.blobs.protocol import Blobs
from voicehost.errors import KeepingFailed
from voicehost.memory.crew import Crew
from voicehost.memory.entry import Damaged, opened, sealed
from voicehost.memory.sweeper import DAY_SECONDS, Sweeper
from voicehost.memory.trouble import Trouble
from voicehost.telemetry.metrics import Metrics

log = logging.getLogger(__name__)
T = TypeVar("T")
Head = dict[str, Any]
Read = Callable[[Head, bytes], T]

READERS = 16
WRITERS = 4
# What a call waits for what is kept: in all, and while nothing at all comes from the place.
FIND_SECONDS = 10.0
STILL_SECONDS = 3.0
CLOSE_SECONDS = 10.0
# Results that wait to be written; what comes on top is not kept.
MOST_WAITING_BYTES = 64 * 1024 * 1024


class AudioStore:
    """Thread-safe. Nothing here raises: a store that fails or is slow is an empty one.

    An entry counts for `days`; 0 turns the store off. On a disk, entries that have expired go, and
    the oldest above `most_bytes`; a bucket has rules of its own for that.
    """

    def __init__(
        self,
        blobs: Blobs,
        metrics: Metrics,
        *,
        days: int,
        most_bytes: int,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.on = days > 0
        self._blobs = blobs
        self._metrics = metrics
        self._seconds = days * DAY_SECONDS
        self._now = now
        self._trouble = Trouble(metrics)
        self._readers = Crew("store-read", READERS)
        self._writers = Crew("store-write", WRITERS)
        self._moved = 0.0
        self._lock = threading.Lock()
        self._waiting_bytes = 0
        self._sweeper: Sweeper | None = None
        if isinstance(blobs, DiskBlobs):
            self._sweeper = Sweeper(blobs, days=days, most_bytes=most_bytes, now=now)

    def start(self) -> None:
        """Begin to clear away what has expired."""
        if self._sweeper is not None:
            self._sweeper.start()

    def close(self) -> None:
        """Write what still waits, for some seconds at most."""
        self._writers.close(CLOSE_SECONDS)
        self._readers.close(0)
        if self._sweeper is not None:
            self._sweeper.close()

    def find(self, names: Sequence[str], read: Read[T]) -> list[T | None]:
        """`read(head, body)` of each entry; None where there is none, or none in time."""
        if not self.on or not names:
            return [None for _ in names]
        found: list[T | None] = [None for _ in names]
        if not self._trouble.resting:
            asked = [self._readers.submit(partial(self._get, name, read)) for name in names]
            self._await(asked)
            found = [self._outcome(future) for future in asked]
        hits = sum(each is not None for each in found)
        self._count("StoreHits", hits)
        self._count("StoreMisses", len(found) - hits)
        return found

    def keep(self, names: Sequence[str], head: Head, body: Callable[[], bytes], size: int) -> None:
        """Keep one result under these names, in the background. `size` is what it holds of the
        memory until then, in bytes."""
        if not self.on or self._trouble.resting:
            return
        with self._lock:
            fits = self._waiting_bytes + size <= MOST_WAITING_BYTES
            self._waiting_bytes += size if fits else 0
        if not fits:
            self._trouble.note("too much waits to be written")
            return
        stamped = {**head, "created": int(self._now())}
        self._writers.submit(partial(self._put, names, stamped, body, size))

    def _get(self, name: str, read: Read[T]) -> T | None:
        try:
            data = None if self._trouble.resting else self._blobs.get(name)
            return None if data is None else self._read(name, data, read)
        finally:
            self._moved = time.monotonic()

    def _read(self, name: str, data: bytes, read: Read[T]) -> T | None:
        try:
            head, body = opened(name, data)
            if head["created"] + self._seconds < self._now():
                return None
            return read(head, body)
        except Exception as error:
            self._trouble.note(
                "damaged entry" if isinstance(error, Damaged) else type(error).__name__
            )
        self._blobs.delete(name)
        return None

    def _put(self, names: Sequence[str], head: Head, body: Callable[[], bytes], size: int) -> None:
        try:
            data = body()
            for name in names:
                self._blobs.put(name, sealed(name, head, data))
                if self._sweeper is not None:
                    self._sweeper.wrote(len(data))
        except KeepingFailed as error:
            self._trouble.rest(error)
        except Exception:
            log.exception("a result cannot be kept")
        finally:
            with self._lock:
                self._waiting_bytes -= size

    def _await(self, asked: Sequence[Future[Any]]) -> None:
        began = time.monotonic()
        pending = set(asked)
        while pending and (left := began + FIND_SECONDS - time.monotonic()) > 0:
            done, pending = futures.wait(
                pending, min(STILL_SECONDS, left), return_when=futures.FIRST_COMPLETED
            )
            # Other calls' reads move it too: a long queue is no failure.
            if not done and time.monotonic() - max(began, self._moved) >= STILL_SECONDS:
                self._trouble.rest(TimeoutError())
                return

    def _outcome(self, future: Future[T | None]) -> T | None:
        if future.cancel() or not future.done():
            return None
        error = future.exception()
        if error is None:
            return future.result()
        self._trouble.rest(error)
        return None

    def _count(self, name: str, count: int) -> None:
        if count:
            self._metrics.add(name, count, "Count")
