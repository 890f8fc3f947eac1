"""How the GPU stands, to look at: the chain of a start, money, leases, and when it stops."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from rich.console import Group
from rich.table import Table
from rich.text import Text

from gpuvoice.cli.facts import facts_of, here, moment
from gpuvoice.cli.spans import span
from gpuvoice.power import PowerStatus, Stage

STYLES = {"on": "green", "asleep": "blue", "quiet": "magenta", "budget": "red", "backoff": "red"}
WORDS = {
    "asleep": "A call with a key wakes it",
    "starting": "It is being started",
    "recovering": "It is being made ready again",
    "on": "It answers",
    "stopping": "It is being stopped; a call starts it again",
    "quiet": "Quiet hours: a call does not wake it, `gpuvoice up --force` does",
    "budget": "The budget of the month is used up",
    "backoff": "Its last start failed; `gpuvoice up --force` tries at once",
}
COMING = ("starting", "recovering", "stopping")


class Chain:
    """A renderable that goes on counting between two answers of the power switch."""

    def __init__(
        self, status: PowerStatus | None = None, *, now: Callable[[], datetime] = here
    ) -> None:
        self._now = now
        self._status = status
        self._heard_at = time.monotonic()

    def update(self, status: PowerStatus) -> None:
        self._status, self._heard_at = status, time.monotonic()

    def __rich__(self) -> Group:
        status = self._status
        if status is None:
            return Group(Text("Asking the power switch ...", style="dim"))
        parts: list[Text | Table] = [self._headline(status)]
        if status.state in ("starting", "recovering", "on") and status.stages:
            parts.append(self._stages(status))
        parts += [Text(), self._facts(status)]
        return Group(*parts)

    def _headline(self, status: PowerStatus) -> Text:
        style = STYLES.get(status.state, "yellow")
        line = Text.assemble((f"● GPU {status.state}", f"bold {style}"), "  ")
        line.append(WORDS.get(status.state, "Its state is not known to this version"))
        gone = time.monotonic() - self._heard_at
        left = status.eta_seconds - gone
        if status.state in COMING and left >= 1:
            line.append(f", about {span(left)} yet")
        if status.state != "on" and status.usual_seconds:
            line.append(f" (usually {span(status.usual_seconds)})")
        return line

    def _stages(self, status: PowerStatus) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_column()
        table.add_column(no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
        table.add_column()
        stages = status.stages
        under_way = next((stage for stage in stages if not stage.reached), None)
        for stage in stages:
            table.add_row(*self._stage(status, stage, stage is under_way))
        took = self._since_the_first(status)
        if took:
            table.add_row("", Text("together", style="dim"), took, "")
        return table

    def _stage(self, status: PowerStatus, stage: Stage, under_way: bool) -> list[Text]:
        usual = "" if stage.usual_seconds is None else f"usually {span(stage.usual_seconds)}"
        if stage.slow_seconds is not None and under_way:
            usual += f", nine times of ten within {span(stage.slow_seconds)}"
        seconds = stage.seconds
        if under_way:
            seconds = self._since(max(self._reached(status), default=None))
        mark, style = ("✓", "green") if stage.reached else ("▸", "yellow")
        if not stage.reached and not under_way:
            mark, style = "·", "dim"
        return [
            Text(f"  {mark}", style=style),
            Text(stage.name, style="bold" if under_way else style if style == "dim" else ""),
            Text("" if seconds is None else span(seconds)),
            Text(usual, style="dim"),
        ]

    def _since_the_first(self, status: PowerStatus) -> str:
        reached = self._reached(status)
        if not reached:
            return ""
        whole = all(stage.reached for stage in status.stages)
        seconds = (max(reached) - min(reached)).total_seconds() if whole else None
        counted = self._since(min(reached)) if seconds is None else seconds
        return "" if counted is None else span(counted)

    def _since(self, at: datetime | None) -> float | None:
        return None if at is None else max(0.0, (self._now() - at).total_seconds())

    def _reached(self, status: PowerStatus) -> list[datetime]:
        found = [moment(each.get("reached_at")) for each in status.slot.get("stages") or []]
        return [at for at in found if at is not None]

    def _facts(self, status: PowerStatus) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim", no_wrap=True)
        table.add_column()
        for label, text in facts_of(status, self._now()):
            table.add_row(label, Text(text))
        return table


def line_of(status: PowerStatus, now: datetime) -> str:
    """One line for a log: time, state, stage, what is left."""
    reached = [stage.name for stage in status.stages if stage.reached]
    stage = f", {reached[-1]}" if reached and status.state in ("starting", "recovering") else ""
    left = ""
    if status.state in COMING and status.eta_seconds >= 1:
        left = f", about {span(status.eta_seconds)} yet"
    return f"{now:%Y-%m-%dT%H:%M:%SZ} {status.state}{stage}{left}"
