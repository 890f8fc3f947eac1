"""Invocations of the controller: sweeps, alarms, people, retries, and what overlaps."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

from bench.power.clockwork import MINUTE
from bench.power.mutants import Mutant
from bench.power.site import Site
from bench.power.wire import Crashed, Wire
from power import controller as function
from power.look import Controller, Journal
from power.ports import Unreachable
from power.run import RETRY_SECONDS, run

# The stack lets Lambda try an invocation that failed once more.
RETRIES = (60.0,)


class Parked(BaseException):
    """It waits for the lock; it goes on in an event of its own, so that others can too."""


class Invocations:
    def __init__(self, site: Site, dice: Random, journal: Journal, mutant: Mutant) -> None:
        self._site, self._dice, self._journal, self._mutant = site, dice, journal, mutant
        self._sweeping = False
        self._count = 0
        self._looking: Wire | None = None

    def tell(self, event: dict[str, Any], seconds: float) -> None:
        """Invoke it after so long; now and then AWS does so twice."""
        self.stir()
        self._site.clock.after(seconds, partial(self._begin, event, 0))
        if self._dice.random() < self._site.rates.doubled:
            again = seconds + self._dice.uniform(0, 90)
            self._site.clock.after(again, partial(self._begin, event, 0))

    def stir(self) -> None:
        """Something changed that a sweep may see."""
        if not self._sweeping and self._mutant.sweeps:
            self._sweeping = True
            now = self._site.clock.now
            self._site.clock.at(now - now % MINUTE + MINUTE, self._sweep)

    def _sweep(self) -> None:
        clock, rates = self._site.clock, self._site.rates
        if self._at_rest():
            self._sweeping = False
            return
        clock.at(clock.now - clock.now % MINUTE + MINUTE, self._sweep)
        drawn = self._dice.random()
        if drawn < rates.sweep_lost:
            return
        late = rates.sweep_lost + rates.sweep_late
        seconds = self._dice.uniform(1, 90) if drawn < late else 0.5
        clock.after(seconds, partial(self._begin, {"source": "sweep"}, 0))

    def _at_rest(self) -> bool:
        """Off, nobody wants it, all rules stand: a sweep would change nothing."""
        site, memory = self._site, self._site.table.read()
        now, policy = site.clock.now, site.plan.policy
        return (
            len(memory.records) == len(site.slots)
            and all(record.phase == "off" for record in memory.records.values())
            and all(not s.group and not s.service and not s.members for s in site.slots.values())
            and not any(slot.others for slot in site.slots.values())
            and all(site.balancer.turned_away(slot) for slot in site.slots)
            and all(now - w.at > policy.wish_minutes * MINUTE for w in memory.wishes.values())
            and all(lease.expires_at <= now for lease in memory.leases)
        )

    def _begin(self, event: dict[str, Any], attempt: int) -> None:
        self._count += 1
        wire = Wire(self._site.clock, self._dice, self._site.rates)
        self._go_on(event, attempt, wire, f"run-{self._count}", self._site.clock.now, None)

    def _go_on(
        self,
        event: dict[str, Any],
        attempt: int,
        wire: Wire,
        owner: str,
        began: float,
        news: bool | None,
    ) -> None:
        """The handler's steps. One that waits for the lock comes here again each second."""
        site, clock = self._site, self._site.clock
        ports = self._mutant.ports(site, wire, self._dice)
        controller = Controller(
            ports.cloud, ports.servers, ports.store, site.plan, clock=clock.read,
            journal=self._journal,
        )  # fmt: skip

        def pause(seconds: float) -> None:
            if not ports.holds():
                raise Parked
            wire.wait(seconds)

        try:
            if news is None:
                news = function.note(event, ports.store, began)
            run(
                _Counted(controller, wire, self._enter, self._leave),
                ports.store,
                owner=owner,
                clock=clock.read,
                pause=pause,
                until=began + function.LOOK_SECONDS,
                patient_until=began + (function.PATIENT_SECONDS if news else 0.0),
            )
        except Parked:
            again = partial(self._go_on, event, attempt, wire, owner, began, news)
            clock.after(RETRY_SECONDS, again)
        except (Unreachable, Crashed) as error:
            if isinstance(error, Crashed):
                site.ledger.tally.crashes += 1
            if attempt < len(RETRIES):
                clock.after(RETRIES[attempt], partial(self._begin, event, attempt + 1))

    def _enter(self, wire: Wire) -> None:
        tally = self._site.ledger.tally
        tally.looks += 1
        if self._looking is not None and self._looking.alive:
            tally.fault("two looks", f"at {self._site.clock.now:.1f}")
        self._looking = wire

    def _leave(self, wire: Wire) -> None:
        if self._looking is wire:
            self._looking = None


class _Counted(Controller):
    """The controller, with a note of when each look begins and ends."""

    def __init__(
        self,
        controller: Controller,
        wire: Wire,
        enter: Callable[[Wire], None],
        leave: Callable[[Wire], None],
    ) -> None:
        self._inner, self._wire, self._enter, self._leave = controller, wire, enter, leave

    def look(self) -> bool:
        self._enter(self._wire)
        try:
            return self._inner.look()
        finally:
            self._leave(self._wire)
