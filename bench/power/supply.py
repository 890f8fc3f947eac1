"""A slot's service and Auto Scaling group: counts, instances, the way of a start, its failures."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Protocol

from bench.power import rates as take
from bench.power.clockwork import HOUR, Clockwork, Event
from bench.power.machines import Machine
from bench.power.rates import Rates

NOTICE_SECONDS = 120.0
# Of the reclaimed instances, those that AWS leaves running.
FORGOTTEN = 0.05
# Of the times in which the controller cannot reach a server, those that hide its metrics as well.
NETWORK = 0.5


class Watch(Protocol):
    """Who is told of what happens to a slot."""

    def counted(self, slot: Slot, before: int) -> None: ...

    def changed(self, slot: str) -> None: ...

    def launched(self, machine: Machine) -> None: ...

    def up(self, machine: Machine) -> None: ...

    def noticed(self, machine: Machine) -> None: ...

    def gone(self, machine: Machine) -> None: ...

    def trouble(self, slot: str, until: float) -> None:
        """Something broke that a start or a stop has to wait for."""

    def unseen(self, machine: Machine, silent: bool) -> None:
        """The controller cannot reach it; nor does it see its metrics where it is silent, too."""


class Slot:
    """`members` belong to the group; `others` were taken out of it and still run."""

    def __init__(
        self, name: str, clock: Clockwork, dice: Random, rates: Rates, watch: Watch, *, spot: bool
    ) -> None:
        self.name, self.spot = name, spot
        self._clock, self._dice, self._rates, self._watch = clock, dice, rates, watch
        self.service = self.group = 0
        self.on_demand = False
        self.members: list[Machine] = []
        self.others: list[Machine] = []
        self.why = ""
        self.start_seconds = 0.0
        self._asked = self._made = 0
        self._asked_at = self._none_until = 0.0

    @property
    def open_machine(self) -> Machine | None:
        """The instance that takes calls."""
        return next((one for one in self.members if one.ready), None)

    def set_group(self, count: int, why: str) -> None:
        """`why` is what a stop is put down to."""
        before, self.group, self.why = self.group, count, why
        self._watch.counted(self, before)
        if not count:
            for machine in list(self.members):
                self._end(machine, why)
        elif not before:
            self._want()

    def set_service(self, count: int, why: str) -> None:
        self.service = count
        if count:
            self._place()
            return
        for machine in self.members:
            if machine.placed and machine.goes is None:
                self._later(take.ENDING, partial(self._stop_task, machine, why))

    def drain(self) -> None:
        for machine in self.members:
            machine.draining = machine.joined
        self._watch.changed(self.name)

    def detach(self, instance: str) -> None:
        for machine in self.members:
            if machine.id == instance:
                self.members.remove(machine)
                self.others.append(machine)
                self._watch.changed(self.name)
                self._want()
                return

    def terminate(self, instance: str) -> None:
        for machine in [*self.members, *self.others]:
            if machine.id == instance:
                self._end(machine, "spot")

    def _later(self, span: tuple[float, float], event: Event) -> None:
        self._clock.after(self._dice.uniform(*span), event)

    def _want(self) -> None:
        self._asked += 1
        self._asked_at = self._clock.now
        if self._dice.random() < self._rates.no_capacity:
            self._none_until = self._clock.now + self._dice.expovariate(1 / 1800)
        self._later(take.CAPACITY, partial(self._launch, self._asked))

    def _launch(self, asked: int) -> None:
        now = self._clock.now
        if asked != self._asked or not self.group or any(m.goes is None for m in self.members):
            return
        if now < self._none_until and not (self.spot and self.on_demand):
            self._watch.trouble(self.name, now)
            self._clock.after(60, partial(self._launch, asked))
            return
        self._made += 1
        spot = self.spot and not self.on_demand
        machine = Machine(f"i-{self.name}-{self._made}", self.name, now, spot=spot)
        self.members.append(machine)
        self._watch.launched(machine)
        self._fates(machine)
        self._later(take.AGENT, partial(self._join, machine))

    def _join(self, machine: Machine) -> None:
        machine.joined = True
        machine.stages["agent joined"] = self._clock.now
        self._place()

    def _place(self) -> None:
        for machine in self.members:
            if not self.service or machine.placed or machine.draining or machine.goes:
                continue
            if machine.joined:
                machine.placed = True
                if self._dice.random() < self._rates.pull_fails:
                    self._watch.trouble(self.name, self._clock.now)
                    continue
                seconds = self._dice.uniform(*take.PLACED) + self._dice.uniform(*take.PULLED)
                self._clock.after(seconds, partial(self._pulled, machine))

    def _pulled(self, machine: Machine) -> None:
        if machine.alive and machine.placed:
            machine.stages["image pulled"] = self._clock.now
            self._later(take.IMPORTED, partial(self._up, machine))

    def _up(self, machine: Machine) -> None:
        if machine.alive and machine.placed:
            machine.stages["container up"] = self._clock.now
            for name in machine.servers:
                self._come_up(machine, name)
            self._watch.up(machine)

    def _come_up(self, machine: Machine, name: str) -> None:
        if machine.alive and machine.placed:
            server = machine.servers[name]
            server.up, server.last = True, self._clock.now
            seconds = self._dice.uniform(*take.LOADED) + self._dice.uniform(*take.FIRST_RESULT)
            self._clock.after(seconds, partial(self._loaded, machine, name))

    def _loaded(self, machine: Machine, name: str) -> None:
        server = machine.servers[name]
        if machine.alive and machine.placed and server.up:
            server.ready = True
            if machine.ready and machine in self.members:
                self.start_seconds = self._clock.now - self._asked_at
            self._watch.changed(self.name)

    def _stop_task(self, machine: Machine, why: str) -> None:
        if not self.service and machine.alive and machine.placed:
            machine.placed = False
            machine.cut(why)
            self._watch.changed(self.name)

    def _end(self, machine: Machine, why: str) -> None:
        if machine.goes is None:
            machine.goes, machine.told_at = why, self._clock.now
            self._later(take.ENDING, partial(self._die, machine))

    def _die(self, machine: Machine) -> None:
        if not machine.alive:
            return
        machine.alive = False
        machine.cut(machine.goes or "crash")
        for some in (self.members, self.others):
            if machine in some:
                some.remove(machine)
        self._watch.gone(machine)
        self._watch.changed(self.name)
        if self.group and all(m.goes for m in self.members):
            self._want()

    def _fates(self, machine: Machine) -> None:
        """What will happen to it, should it live so long."""
        fates = [
            (self._rates.machine_dies_per_hour, self._machine_breaks),
            (self._rates.unreachable_per_hour, self._cut_off),
            *((self._rates.server_dies_per_hour, self._server_dies) for _ in machine.servers),
        ]
        if machine.spot:
            fates += [
                (self._rates.spot_notice_per_hour, self._notice),
                (self._rates.spot_loss_per_hour, self._lost),
            ]
        for per_hour, fate in fates:
            self._clock.after(self._dice.expovariate(per_hour / HOUR), partial(fate, machine))

    def _server_dies(self, machine: Machine) -> None:
        name = self._dice.choice(list(machine.servers))
        server = machine.servers[name]
        if machine.alive and server.up:
            self._watch.trouble(self.name, self._clock.now + 180)
            server.up = server.ready = False
            server.drain_until = 0.0
            server.cut("crash")
            self._watch.changed(self.name)
            self._later(take.RESTART, partial(self._come_up, machine, name))

    def _machine_breaks(self, machine: Machine) -> None:
        if machine.alive and machine.goes is None:
            self._watch.trouble(self.name, self._clock.now + 180)
            machine.placed = False
            machine.cut("crash")
            self._watch.changed(self.name)
            self._later((60, 180), partial(self._die, machine))

    def _cut_off(self, machine: Machine) -> None:
        if machine.alive:
            machine.unreachable_until = self._clock.now + self._dice.uniform(60, 1800)
            self._watch.unseen(machine, self._dice.random() < NETWORK)

    def _notice(self, machine: Machine) -> None:
        if machine.alive and machine.goes is None:
            machine.noticed_at = self._clock.now
            self._watch.trouble(self.name, self._clock.now + NOTICE_SECONDS)
            self._watch.noticed(machine)
            if self._dice.random() >= FORGOTTEN:
                self._clock.after(NOTICE_SECONDS, partial(self._lost, machine))

    def _lost(self, machine: Machine) -> None:
        if machine.alive:
            self._watch.trouble(self.name, self._clock.now)
            machine.goes = machine.goes or "spot"
            self._die(machine)
