"""How a run is followed on stderr: a bar on a terminal, a line for each segment elsewhere."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column
from rich.text import Text

from gpuvoice.narration.outcome import Outcome
from gpuvoice.waiting import Waiting

Say = Callable[[str], None]


class Lines:
    """A line for each segment that is done, and one for each new reason to wait."""

    def __init__(self, total: int, say: Say) -> None:
        self.say = say
        self._total = total
        self._done = 0
        self._reason = ""
        self._lock = threading.Lock()

    def doing(self, segment_id: str, what: str) -> None:
        """Too much for lines."""

    def done(self, outcome: Outcome) -> None:
        with self._lock:
            self._done += 1
            self._reason = ""
            self.say(f"{self._done}/{self._total} {line_of(outcome)}")

    def waits(self, waiting: Waiting) -> None:
        reason = waiting.state + "".join(c for c in waiting.sentence if not c.isdigit())
        with self._lock:
            if reason != self._reason:
                self.say(_sentence(waiting, waiting.eta_seconds))
            self._reason = reason


class Bar:
    """A bar with what is being done, or what is waited for."""

    def __init__(self, total: int, console: Console) -> None:
        self.progress = Progress(
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            _Now(self),
            console=console,
            refresh_per_second=4,
        )
        self._bar = self.progress.add_task("", total=total)
        self._doing: dict[str, str] = {}
        self._waiting: Waiting | None = None
        self._until = 0.0
        self._lock = threading.Lock()

    def doing(self, segment_id: str, what: str) -> None:
        with self._lock:
            self._doing[segment_id] = what

    def done(self, outcome: Outcome) -> None:
        with self._lock:
            self._doing.pop(outcome.segment.id, None)
        if outcome.faults:
            self.say(line_of(outcome))
        self.progress.advance(self._bar)

    def say(self, sentence: str) -> None:
        self.progress.console.print(sentence, markup=False, soft_wrap=True)

    def waits(self, waiting: Waiting) -> None:
        with self._lock:
            self._waiting, self._until = waiting, time.monotonic() + waiting.seconds

    def now(self) -> str:
        """What stands behind the bar."""
        with self._lock:
            waiting, left = self._waiting, self._until - time.monotonic()
            counts = Counter(self._doing.values())
        if waiting is not None and left > 0:
            # The wait was told when it began: its end, and not now, is what `left` counts to.
            gone = waiting.seconds - left
            eta = None if waiting.eta_seconds is None else waiting.eta_seconds - gone
            return _sentence(waiting, eta)
        return ", ".join(f"{count} {what}" for what, count in counts.items())


class _Now(ProgressColumn):
    def __init__(self, bar: Bar) -> None:
        super().__init__(Column(no_wrap=True, overflow="ellipsis", ratio=1))
        self._now = bar.now

    def render(self, task: Task) -> Text:
        return Text(self._now())


@contextmanager
def following(total: int, console: Console, say: Say, *, live: bool) -> Iterator[Lines | Bar]:
    """Who is told of a run of `total` segments."""
    if not live:
        yield Lines(total, say)
        return
    bar = Bar(total, console)
    with bar.progress:
        yield bar


def line_of(outcome: Outcome) -> str:
    """`s07: 4.2 s, word error rate 0.0%, 2 takes`, or what is wrong with it."""
    take = outcome.take
    if take is None:
        return f"{outcome.segment.id}: {'; '.join(outcome.faults)}"
    parts = [f"{take.duration_s:.1f} s"]
    if outcome.comparison is not None:
        parts.append(f"word error rate {outcome.comparison.error_rate:.1%}")
    if take.attempts > 1:
        parts.append(f"{take.attempts} takes")
    if not outcome.takes:
        parts.append("kept")
    faults = f" NOT GOOD: {'; '.join(outcome.faults)}" if outcome.faults else ""
    return f"{outcome.segment.id}: {', '.join(parts)}{faults}"


def _sentence(waiting: Waiting, eta_seconds: float | None) -> str:
    state = f"GPU {waiting.state}: " if waiting.state else ""
    left = ""
    if eta_seconds is not None and eta_seconds > 1:
        minutes, seconds = divmod(round(eta_seconds), 60)
        left = f" About {minutes} min {seconds} s yet." if minutes else f" About {seconds} s yet."
    return f"{state}{waiting.sentence}{left}"
