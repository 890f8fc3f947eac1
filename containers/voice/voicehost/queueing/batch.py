"""What an engine sees of the queue while it runs: rows, steps and where results go."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from voicehost.errors import VoiceError
from voicehost.queueing.ticket import Work


class Abandoned(Exception):
    """Nobody waits for any row any more; an engine may raise it through a library's own code."""


class Batch:
    """The rows that an engine works on now.

    The engine calls `step()` between its steps: it learns which rows are still wanted, gets
    new ones where it can admit them while running, and shows that it makes progress.
    """

    def __init__(
        self,
        works: Sequence[Work],
        *,
        refill: Callable[[Sequence[Work]], list[Work]] | None = None,
        on_step: Callable[[], None] = lambda: None,
        on_done: Callable[[Work, float], None] = lambda work, seconds: None,
        on_event: Callable[[str], None] = lambda name: None,
    ) -> None:
        self.rows = list(works)
        self._refill = refill
        self._on_step = on_step
        self._on_done = on_done
        self._on_event = on_event
        self._began = time.monotonic()
        self._done = 0.0

    def step(self) -> list[Work]:
        """Between two steps: drop rows that nobody waits for, admit new ones; the rows now."""
        self._on_step()
        self.rows = [work for work in self.rows if not work.cancelled]
        if self._refill is not None:
            self.rows += self._refill(self.rows)
        return list(self.rows)

    def finish(self, work: Work, result: Any) -> None:
        """A row is done."""
        work.ticket.resolve(work, result)
        self._leave(work)

    def fail(self, work: Work, error: VoiceError) -> None:
        """A row cannot be done; the others go on."""
        work.ticket.fail(work, error)
        self._leave(work)

    def advance(self, fraction: float) -> None:
        """How much of what this batch has to do is done, 0 to 1, as far as the engine can tell."""
        self._done = fraction

    def count(self, name: str) -> None:
        """Something happened that is worth a metric of this name."""
        self._on_event(name)

    def seconds_left(self) -> float:
        """Until this batch is done, at its pace so far; 0 while nothing can be told."""
        if self._done <= 0.0:
            return 0.0
        return (time.monotonic() - self._began) * (1.0 - self._done) / self._done

    def _leave(self, work: Work) -> None:
        if work in self.rows:
            self.rows.remove(work)
        started = work.started_at
        self._on_done(work, 0.0 if started is None else time.monotonic() - started)
