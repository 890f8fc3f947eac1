"""Places for calls that are under way at once, given in the order in which they were asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from voicehost.caller import JOBS
from voicehost.errand import LOOK_SECONDS, Errand


@dataclass(slots=True, eq=False)
class _Turn:
    """Whose place is `given` waits no longer."""

    job: bool
    given: threading.Event = field(default_factory=threading.Event)


class Places:
    """Jobs hold at most half of them, so that a caller who waits for an answer need not wait for
    theirs. A free place is the longest waiter's at once. Thread-safe.
    """

    def __init__(self, count: int) -> None:
        self._lock = threading.Lock()
        self._free = count
        self._free_for_jobs = max(1, count // 2)
        self._waiting: list[_Turn] = []

    @contextmanager
    def one(self, errand: Errand) -> Iterator[None]:
        """Hold one, when its turn has come. Raises CallerGone, DeadlinePassed."""
        errand.check()
        turn = _Turn(errand.caller.key.endswith(JOBS))
        with self._lock:
            self._waiting.append(turn)
            self._give()
        try:
            while not turn.given.wait(LOOK_SECONDS):
                errand.check()
            yield
        finally:
            with self._lock:
                self._leave(turn)
                self._give()

    def _give(self) -> None:
        for turn in list(self._waiting):
            if self._free and (self._free_for_jobs or not turn.job):
                self._waiting.remove(turn)
                self._free -= 1
                self._free_for_jobs -= turn.job
                turn.given.set()

    def _leave(self, turn: _Turn) -> None:
        if not turn.given.is_set():
            self._waiting.remove(turn)
            return
        self._free += 1
        self._free_for_jobs += turn.job
