"""The controller's ports over the simulated world, for one invocation."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from bench.power.machines import Machine
from bench.power.site import Site
from bench.power.wire import Wire
from power.aws.cloud import LOADING, MORE_MINUTES
from power.memory import Memory, MonthHours, Notice, PastStart
from power.model import ServerFacts, SlotRecord, StopWish, Wish
from power.ports import ActivityNow, SleepRule, SlotState, Unreachable

# A server that does not answer is given up after so long.
SILENT_SECONDS = 6.0


class SimCloud:
    def __init__(self, site: Site, wire: Wire) -> None:
        self._site, self._wire = site, wire

    def weights(self) -> dict[str, int]:
        self._wire.reach()
        return dict(self._site.balancer.weights)

    def state(self, slot: str, record: SlotRecord) -> SlotState:
        self._wire.reach(0.2)
        found = self._site.slots[slot]
        try:
            ready = found.open_machine is not None if found.group else False
            if found.group:
                self._wire.reach()
        except Unreachable:
            ready = None
        return SlotState(
            service_count=found.service,
            group_count=found.group,
            instances={one.id: one.launched_at for one in found.members},
            ready=ready,
            stages=self._stages(found.members, record),
            draining=all(one.draining for one in found.members if one.joined),
        )

    def metrics(self, slot: str, now: float) -> dict[str, ServerFacts]:
        lines = self._site.lines[slot]
        try:
            self._wire.reach(0.1)
        except Unreachable:
            return {server: ServerFacts() for server in lines}
        minutes = self._site.plan.policy.stale_minutes + MORE_MINUTES
        return {server: each.seen(now, minutes) for server, each in lines.items()}

    def turn_on(self, slot: str) -> None:
        self._wire.reach()
        self._site.slots[slot].set_group(1, "power")
        self._wire.reach()
        self._site.slots[slot].set_service(1, "power")
        self._wire.answer()

    def turn_off(self, slot: str) -> None:
        found = self._site.slots[slot]
        self._wire.reach(0.2)
        if any(one.joined and not one.draining for one in found.members):
            found.drain()
            self._wire.reach()
        why = self._site.ledger.stop_kind(slot)
        found.set_group(0, why)
        self._wire.reach()
        found.set_service(0, why)
        self._wire.answer()

    def replace(self, slot: str, instance: str) -> None:
        self._wire.reach()
        self._site.slots[slot].detach(instance)
        self._wire.answer()

    def terminate(self, instance: str) -> None:
        self._wire.reach()
        for slot in self._site.slots.values():
            slot.terminate(instance)
        self._wire.answer()

    def buy(self, slot: str, on_demand: bool) -> None:
        self._wire.reach()
        self._site.slots[slot].on_demand = on_demand
        self._wire.answer()

    def sleep_rules(self) -> set[SleepRule]:
        self._wire.reach()
        return set(self._site.balancer.standing)

    def put_sleep_rule(self, rule: SleepRule) -> None:
        self._wire.reach()
        self._site.balancer.put(rule)
        self._wire.answer()

    def drop_sleep_rule(self, rule: SleepRule) -> None:
        self._wire.reach()
        self._site.balancer.drop(rule)
        self._wire.answer()

    def _stages(self, members: list[Machine], record: SlotRecord) -> dict[str, float]:
        if record.phase != "starting" or not members:
            return {}
        asked_at = record.asked_at or 0.0
        newest = members[-1].stages
        stages = {stage: max(at, asked_at) for stage, at in newest.items()}
        if "container up" in stages and LOADING not in record.stages:
            stages[LOADING] = self._site.clock.now
        return stages


class SimServers:
    """A server that is cut off, or has died, is missing from an answer."""

    def __init__(self, site: Site, wire: Wire, dice: Random) -> None:
        self._site, self._wire, self._dice = site, wire, dice

    def activity(self, slot: str) -> dict[str, ActivityNow]:
        self._site.asked(slot)
        self._wire.reach(0.3)
        now = self._site.clock.now
        found = {
            name: ActivityNow(len(server.under_way), 0, server.idle(now))
            for machine in self._reached(slot)
            for name, server in machine.servers.items()
            if server.up
        }
        self._wire.answer()
        return found

    def drain(self, slot: str, seconds: float) -> dict[str, bool]:
        self._site.asked(slot)
        self._wire.reach(0.3)
        now = self._site.clock.now
        found = {
            name: server.drain(seconds, now)
            for machine in self._reached(slot)
            for name, server in machine.servers.items()
            if server.up
        }
        self._site.ledger.watch_at(slot, now + seconds + 0.1)
        lost = self._site.rates.unreachable
        answered = {name: yes for name, yes in found.items() if self._dice.random() >= lost}
        self._wire.answer()
        return answered

    def resume(self, slot: str) -> None:
        self._wire.reach(0.3)
        for machine in self._reached(slot):
            for server in machine.servers.values():
                server.drain_until = 0.0
        self._site.ledger.watch(slot)
        self._wire.answer()

    def refuse_batches(self, slot: str, seconds: float, why: str) -> None:
        self._wire.reach(0.3)
        self._site.ledger.tally.happened["batches refused"] += 1

    def _reached(self, slot: str) -> list[Machine]:
        now = self._site.clock.now
        members = [one for one in self._site.slots[slot].members if one.alive]
        reached = [one for one in members if one.unreachable_until <= now]
        if len(reached) < len(members):
            self._wire.wait(SILENT_SECONDS)
        return reached


class SimStore:
    """`holds` while the invocation has the lock."""

    def __init__(self, site: Site, wire: Wire) -> None:
        self._table, self._wire = site.table, wire
        self.holds = False

    def read(self) -> Memory:
        self._wire.reach(0.03)
        return self._table.read()

    def put_record(self, slot: str, record: SlotRecord) -> None:
        self._write(self._table.put_record, slot, record)

    def put_wish(self, target: str, wish: Wish) -> None:
        self._write(self._table.put_wish, target, wish)

    def put_stop_wish(self, target: str, wish: StopWish) -> None:
        self._write(self._table.put_stop_wish, target, wish)

    def put_notice(self, notice: Notice) -> None:
        self._write(self._table.put_notice, notice)

    def drop_notice(self, instance: str) -> None:
        self._write(self._table.drop_notice, instance)

    def put_start(self, start: PastStart) -> None:
        self._write(self._table.put_start, start)

    def put_hours(self, hours: MonthHours) -> None:
        self._write(self._table.put_hours, hours)

    def lock(self, owner: str, now: float, seconds: float) -> bool:
        self._wire.reach(0.02)
        self.holds = self._table.lock(owner, now, seconds)
        self._wire.answer()
        return self.holds

    def unlock(self, owner: str) -> None:
        self._wire.reach(0.02)
        self._table.unlock(owner)
        self._wire.answer()

    def _write(self, write: Callable[..., None], *given: object) -> None:
        self._wire.reach(0.02)
        write(*given)
        self._wire.answer()
