"""What happened in a run, moment by moment, for a plot."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.power.clockwork import MINUTE
from bench.power.journal import Silent
from bench.power.world import World
from power.model import Decision, Facts


@dataclass
class Trace(Silent):
    """Samples of a minute each, and every new decision that was not to stay.

    `requests`: under way by server; `phases`: by slot; `usd`: spent so far.
    """

    times: list[float] = field(default_factory=list)
    requests: dict[str, list[int]] = field(default_factory=lambda: {"tts": [], "whisperx": []})
    phases: dict[str, list[str]] = field(default_factory=lambda: {"blue": [], "green": []})
    usd: list[float] = field(default_factory=list)
    decisions: list[tuple[float, str, str]] = field(default_factory=list)
    _last: dict[str, str] = field(default_factory=dict)

    def decided(self, facts: Facts, decision: Decision, now: float) -> None:
        name = decision.kind if decision.action in ("stop", "close", "lower") else None
        told = f"{decision.action}: {name}" if name else decision.action
        if told not in ("stay", self._last.get(facts.slot)):
            self.decisions.append((now, facts.slot, told))
        self._last[facts.slot] = told

    def sample(self, world: World, price: float, end: float) -> None:
        """Now and each minute until the end."""
        site, now = world.site, world.clock.now
        memory = site.table.read()
        machines = [one for slot in site.slots.values() for one in [*slot.members, *slot.others]]
        self.times.append(now)
        for server, counts in self.requests.items():
            counts.append(sum(len(one.servers[server].under_way) for one in machines))
        for slot, phases in self.phases.items():
            record = memory.records.get(slot)
            phases.append(record.phase if record else "off")
        running = sum(now - one.launched_at for one in machines) / 3600
        self.usd.append((world.tally.hours + running) * price)
        if now < end:
            world.clock.after(MINUTE, lambda: self.sample(world, price, end))
