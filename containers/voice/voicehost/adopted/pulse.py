"""Signs of life from code that gives none: a team's model between its beginning and its end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOOK_SECONDS = 1.0


@contextmanager
def pulse(
    moved: Callable[[], object], most_seconds: float, *, look_seconds: float = LOOK_SECONDS
) -> Iterator[None]:
    """Call `moved()` while this thread uses the processor, for at most `most_seconds`.

    A call that waits for something that never comes uses none, and `/live` notices; one that turns
    in a circle is noticed after `most_seconds`. Where a thread's time cannot be read (macOS), every
    look counts as movement.
    """
    ended = threading.Event()
    clock = _thread_clock()
    until = time.monotonic() + most_seconds

    def main() -> None:
        before = clock()
        while not ended.wait(look_seconds) and time.monotonic() < until:
            now = clock()
            if now != before:
                moved()
            before = now

    watcher = threading.Thread(target=main, name="pulse", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()  # the clock of a thread that has ended cannot be read


def _thread_clock() -> Callable[[], float]:
    if not hasattr(time, "pthread_getcpuclockid"):
        return time.monotonic
    clock = time.pthread_getcpuclockid(threading.get_ident())
    return lambda: time.clock_gettime(clock)
