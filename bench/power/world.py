"""One run: a world of its own, some days of traffic, then quiet until everything has ended."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from random import Random

from bench.power.balancer import Balancer
from bench.power.callers import Callers
from bench.power.clockwork import DAY, HOUR, MINUTE, ZONE, Clockwork
from bench.power.front import Front
from bench.power.invocations import Invocations
from bench.power.ledger import Ledger
from bench.power.lines import Lines
from bench.power.machines import SERVERS, Machine
from bench.power.memory import Table
from bench.power.mutants import Mutant
from bench.power.people import People
from bench.power.rates import Rates
from bench.power.settings import Setting
from bench.power.site import Site
from bench.power.supply import Slot
from bench.power.tally import Tally
from bench.power.traffic import Traffic
from power.look import Journal

FIRST_DAY = date(2026, 1, 5)


class World:
    """Tells those of what happens whom it concerns."""

    def __init__(
        self, setting: Setting, rates: Rates, mutant: Mutant, seed: str, journal: Journal, day: date
    ) -> None:
        def dice(what: str) -> Random:
            return Random(f"{seed} {what}")

        self._day, self._setting, self._dice = day, setting, dice("lines")
        begin = datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp()
        self.clock = Clockwork(begin - HOUR)
        self.tally = Tally()
        policy = setting.plan.policy
        self.ledger = Ledger(self.clock, rates, policy, self.tally)
        self.site = Site(
            clock=self.clock,
            rates=rates,
            plan=setting.plan,
            balancer=Balancer(self.clock, dice("balancer"), self._rules_changed),
            table=Table(self._written),
            slots={
                name: Slot(name, self.clock, dice(name), rates, self, spot=setting.spot)
                for name in ("blue", "green")
            },
            lines={
                name: {server: Lines(rates, dice(f"{name} {server}")) for server in SERVERS}
                for name in ("blue", "green")
            },
            ledger=self.ledger,
            asked=self._asked,
        )
        self.ledger.site = self.site
        self._alarmed = dict.fromkeys(self.site.slots, False)
        self.invocations = Invocations(self.site, dice("invocations"), journal, mutant)
        front = Front(self.site, dice("front"), self.invocations.tell)
        self.callers = Callers(self.site, front, dice("callers"))
        self._traffic = Traffic(
            self.callers, self.clock, dice("traffic"), rates,
            idle_minutes=policy.idle_minutes, size=setting.size,
        )  # fmt: skip
        self._people = People(self.site, front, self.callers, dice("people"), self.invocations.tell)

    def run(self, days: int) -> Tally:
        self.invocations.tell({"source": "deployment"}, 1)
        for number in range(days):
            day = self._day + timedelta(days=number)
            self._traffic.day(day)
            midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE)
            self.clock.wait_until(midnight.timestamp())
            self._people.day()
            if self._setting.scheduled and day.weekday() < 5:
                for hours, action in ((7.75, "start"), (18.5, "stop")):
                    when = (midnight + timedelta(hours=hours)).timestamp()
                    self.clock.at(when, partial(self._people.schedule, action))
        end = self.clock.now + DAY
        self.clock.wait_until(end + HOUR * (self.site.plan.policy.hard_cap_hours + 16))
        self.ledger.closed()
        self.tally.days = days
        return self.tally

    def counted(self, slot: Slot, before: int) -> None:
        self.ledger.counted(slot, before)
        self.invocations.stir()

    def changed(self, slot: str) -> None:
        self.ledger.watch(slot)

    def launched(self, machine: Machine) -> None:
        self.ledger.launched(machine)

    def gone(self, machine: Machine) -> None:
        self.ledger.gone(machine)

    def trouble(self, slot: str, until: float) -> None:
        self.ledger.trouble(slot, until)
        self.ledger.cloud(slot, until)

    def unseen(self, machine: Machine, silent: bool) -> None:
        until = machine.unreachable_until
        self.ledger.cloud(machine.slot, until)
        self.tally.happened["servers cut off"] += 1
        if silent:
            for one in self.site.lines[machine.slot].values():
                one.dark_until = max(one.dark_until, until)

    def noticed(self, machine: Machine) -> None:
        self.tally.happened["Spot notices"] += 1
        event = {
            "source": "aws.ec2",
            "detail-type": "EC2 Spot Instance Interruption Warning",
            "detail": {"instance-id": machine.id},
        }
        self.invocations.tell(event, self._dice.uniform(0.5, 5))

    def up(self, machine: Machine) -> None:
        """From now on both servers write their lines."""
        for server in SERVERS:
            self.clock.after(self._dice.uniform(0, MINUTE), partial(self._line, machine, server))
        dark = self._dice.expovariate(self.site.rates.dark_per_hour / HOUR)
        self.clock.after(dark, partial(self._go_dark, machine))

    def _line(self, machine: Machine, name: str) -> None:
        if not machine.alive:
            return
        self.clock.after(MINUTE, partial(self._line, machine, name))
        server, now = machine.servers[name], self.clock.now
        if not server.up:
            return
        lines = self.site.lines[machine.slot]
        visible = lines[name].write(now, server.idle(now), len(server.under_way))
        if visible is not None:
            self._alarm(machine, visible)

    def _alarm(self, machine: Machine, visible: float) -> None:
        """An alarm acts when it changes its state, and not again."""
        now, policy = self.clock.now, self.site.plan.policy
        idle = min(server.idle(now) for server in machine.servers.values())
        over = idle >= policy.idle_minutes * MINUTE
        if over and not self._alarmed[machine.slot]:
            rates = self.site.rates
            late = 600 if self._dice.random() < rates.alarm_late else 60
            seconds = visible - now + self._dice.uniform(5, late)
            self.invocations.tell({"source": "alarm"}, seconds)
            if self._dice.random() < rates.alarm_doubled:
                self.invocations.tell({"source": "alarm"}, seconds + 1)
        self._alarmed[machine.slot] = over

    def _go_dark(self, machine: Machine) -> None:
        """No line of one server, or of both, arrives for up to six hours."""
        if not machine.alive:
            return
        until = self.clock.now + self._dice.uniform(5 * MINUTE, 6 * HOUR)
        lines = list(self.site.lines[machine.slot].values())
        for one in lines if self._dice.random() < 0.5 else lines[:1]:
            one.dark_until = max(one.dark_until, until)
        self.ledger.cloud(machine.slot, until)
        self.tally.happened["metrics dark"] += 1

    def _asked(self, slot: str) -> None:
        """Somebody calls just when a stop begins."""
        if self._dice.random() < self.site.rates.calls_at_stop:
            self._people.rush(slot)

    def _written(self, slot: str) -> None:
        """A record: where it says that the slot is being stopped, others may come in between."""
        self.ledger.watch(slot)
        if self.site.table.read().records[slot].phase != "leaving":
            return
        if self._dice.random() < self.site.rates.swap_at_stop:
            self.clock.after(self._dice.uniform(0, 4 * MINUTE), self._people.interfere)

    def _rules_changed(self) -> None:
        for slot in self.site.slots:
            self.ledger.watch(slot)
