"""The line on stderr while a command waits: what for, and for how long yet."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from gpuvoice.cli.output import Output
from gpuvoice.cli.spans import span
from gpuvoice.waiting import OnWait, Waiting


@contextmanager
def telling(output: Output, doing: str) -> Iterator[OnWait]:
    """What to give to a server as `on_wait`. On a terminal one line that changes, gone at the
    end; elsewhere a line for each state."""
    if not output.live:
        yield _Lines(output)
        return
    line = _Line(doing)
    if not doing:
        yield line
        return
    with Live(line, console=output.talk, transient=True, refresh_per_second=8):
        yield line


class _Lines:
    """A line each time that the reason is another one; figures in it may change."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._last = ""

    def __call__(self, waiting: Waiting) -> None:
        reason = waiting.state + "".join(c for c in waiting.sentence if not c.isdigit())
        if reason != self._last:
            self._output.say(waiting.sentence)
        self._last = reason


class _Line:
    """What is being done and since when; during a wait, what it waits for."""

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._began = time.monotonic()
        self._waiting: Waiting | None = None
        self._told_at = 0.0
        self._spinner = Spinner("dots")

    def __call__(self, waiting: Waiting) -> None:
        self._waiting, self._told_at = waiting, time.monotonic()

    def __rich__(self) -> Spinner:
        self._spinner.update(text=Text(self._text(), no_wrap=True, overflow="ellipsis"))
        return self._spinner

    def _text(self) -> str:
        now, waiting = time.monotonic(), self._waiting
        if waiting is None or now > self._told_at + waiting.seconds:
            return f"{self._doing} ({span(now - self._began)})"
        left = (waiting.eta_seconds or 0.0) - (now - self._told_at)
        # The sentences of a start say it themselves.
        told = " min" in waiting.sentence or left < 1
        until = "" if told else f" About {span(left)} yet."
        return f"{waiting.sentence}{until}"
