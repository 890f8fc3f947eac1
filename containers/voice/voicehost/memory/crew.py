"""A few threads that work off a queue."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")


class Crew:
    """The threads begin with the first piece of work. Unlike those of a ThreadPoolExecutor they
    never hold up the end of the process: one may hang on a bucket that does not answer."""

    def __init__(self, name: str, count: int) -> None:
        self._name = name
        self._count = count
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._closed = False
        self._queue: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """The result of `work()`; a cancelled one after `close`."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                future.cancel()
                future.set_running_or_notify_cancel()  # or whoever waits for it would go on waiting
                return future
            if not self._threads:
                self._threads = [self._begin(number) for number in range(self._count)]
            self._queue.put((future, work))
        return future

    def close(self, seconds: float) -> None:
        """Take nothing more; returns when all is done, or after so long."""
        with self._lock:
            self._closed = True
            threads = list(self._threads)
        for _ in threads:
            self._queue.put(None)
        end = time.monotonic() + seconds
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _begin(self, number: int) -> threading.Thread:
        name = f"{self._name}-{number}"
        thread = threading.Thread(target=self._main, name=name, daemon=True)
        thread.start()
        return thread

    def _main(self) -> None:
        while (given := self._queue.get()) is not None:
            future, work = given
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(work())
            except Exception as error:
                future.set_exception(error)
