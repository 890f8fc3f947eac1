"""Several segments under way at once, on threads that never keep the process from ending."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from types import TracebackType

from gpuvoice.narration.door import Shut
from gpuvoice.narration.outcome import Outcome
from gpuvoice.narration.script import Segment

# On some systems a wait without an end cannot be interrupted by Ctrl-C.
LOOK_SECONDS = 0.5
# After an error, what is under way gets so long to arrive and to be kept.
LAST_SECONDS = 30.0
Perform = Callable[[Segment, Callable[[str], None]], Outcome]


class Crew:
    """Within `with`. After an error no segment is begun, none goes on to its next step, and the
    threads are waited for; after Ctrl-C they are left alone, and must not write any more."""

    def __init__(
        self,
        segments: Sequence[Segment],
        perform: Perform,
        doing: Callable[[str, str], None],
        parallel: int,
    ) -> None:
        self._perform, self._doing = perform, doing
        self._count = len(segments)
        self._waiting: queue.SimpleQueue[Segment] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[Outcome | BaseException] = queue.SimpleQueue()
        self._closed = threading.Event()
        for segment in segments:
            self._waiting.put(segment)
        self._threads = [
            threading.Thread(target=self._work, name=f"segment-{number}", daemon=True)
            for number in range(min(parallel, len(segments)))
        ]

    def __enter__(self) -> Crew:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closed.set()
        if kind is None or issubclass(kind, Exception):
            end = time.monotonic() + LAST_SECONDS
            for thread in self._threads:
                thread.join(max(0.0, end - time.monotonic()))

    def outcomes(self) -> Iterator[Outcome]:
        """In the order in which they are done. The first error of a thread is raised here."""
        for _ in range(self._count):
            yield self._next()

    def _next(self) -> Outcome:
        while True:
            try:
                done = self._done.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                continue
            if isinstance(done, BaseException):
                raise done
            return done

    def _work(self) -> None:
        while not self._closed.is_set():
            try:
                segment = self._waiting.get_nowait()
            except queue.Empty:
                return
            try:
                self._done.put(self._perform(segment, partial(self._tell, segment)))
            except BaseException as error:
                self._done.put(error)
                return

    def _tell(self, segment: Segment, what: str) -> None:
        if self._closed.is_set():
            raise Shut
        self._doing(segment.id, what)
