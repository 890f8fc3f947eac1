"""Several segments under way at once, on threads that never keep the process from ending."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

from gpuvoice.narration.outcome import Outcome
from gpuvoice.narration.script import Segment

# On some systems a wait without an end cannot be interrupted by Ctrl-C.
LOOK_SECONDS = 0.5
Perform = Callable[[Segment], Outcome]


def outcomes(segments: Sequence[Segment], perform: Perform, parallel: int) -> Iterator[Outcome]:
    """In the order in which they are done. The first error of a thread is raised here, and no
    segment is begun after it."""
    with closing(_Crew(segments, perform, parallel)) as crew:
        for _ in segments:
            yield crew.next()


class _Crew:
    def __init__(self, segments: Sequence[Segment], perform: Perform, parallel: int) -> None:
        self._perform = perform
        self._waiting: queue.SimpleQueue[Segment] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[Outcome | BaseException] = queue.SimpleQueue()
        self._closed = threading.Event()
        for segment in segments:
            self._waiting.put(segment)
        for number in range(min(parallel, len(segments))):
            threading.Thread(target=self._work, name=f"segment-{number}", daemon=True).start()

    def next(self) -> Outcome:
        while True:
            try:
                done = self._done.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                continue
            if isinstance(done, BaseException):
                raise done
            return done

    def close(self) -> None:
        self._closed.set()

    def _work(self) -> None:
        while not self._closed.is_set():
            try:
                segment = self._waiting.get_nowait()
            except queue.Empty:
                return
            try:
                self._done.put(self._perform(segment))
            except BaseException as error:
                self._done.put(error)
                return
