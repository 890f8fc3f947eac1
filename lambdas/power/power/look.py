"""One look at all slots: facts, decision, action, and the listener rules that follow from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from power.actions import Actions
from power.collect import facts_of
from power.decide import budget_closed, decide
from power.hours import counted
from power.memory import Memory
from power.model import Decision, Facts, SlotRecord
from power.policy import Policy
from power.ports import Cloud, Servers, SlotState, Store, Unreachable
from power.rules import is_open, live_slots, wanted_rules

# A refusal of batches is renewed at each look and ends by itself when nobody looks any more.
REFUSAL_SECONDS = 180.0
MOVING = ("starting", "closing", "leaving")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is fixed for one deployment. Prices are dollars an hour: (as bought, on demand)."""

    policy: Policy
    prices: Mapping[str, tuple[float, float]]
    spot: Mapping[str, bool]
    quiet: Callable[[float], bool]


class Journal(Protocol):
    """Where decisions and what came of them are written down."""

    def decided(self, facts: Facts, decision: Decision, now: float) -> None: ...

    def happened(self, slot: str, what: str) -> None: ...


class Controller:
    """`clock` gives seconds since 1970."""

    def __init__(
        self,
        cloud: Cloud,
        servers: Servers,
        store: Store,
        plan: Plan,
        *,
        clock: Callable[[], float],
        journal: Journal,
    ) -> None:
        self._cloud, self._servers, self._store, self._plan = cloud, servers, store, plan
        self._clock, self._journal = clock, journal
        self._actions = Actions(cloud, servers, store, plan.policy, clock)

    def look(self) -> bool:
        """Look once and act. Only the holder of the lock may; returns whether a slot is on its way,
        so that another look soon is worth it. Raises Unreachable."""
        # Before anything is read: who writes a wish while the rest is asked for came later.
        now = self._clock()
        memory = self._store.read()
        if memory.retired:
            return False
        weights = self._cloud.weights()
        records = {slot: self._role(slot, memory, weights, now) for slot in sorted(weights)}
        states = {slot: self._cloud.state(slot, record) for slot, record in records.items()}
        memory = self._count(memory, records, states, now)
        opened: dict[str, bool | None] = {}
        failed: Unreachable | None = None
        for slot, facts in self._facts(memory, weights, records, states, now).items():
            ready = states[slot].ready
            try:
                records[slot] = self._one(facts, states[slot], weights, now)
            except Unreachable as error:
                # What was written down before it failed counts: nobody is sent to what is leaving.
                failed = error
                records[slot] = self._store.read().records.get(slot, records[slot])
                ready = None
            opened[slot] = is_open(records[slot], ready)
        self._rules(weights, opened)
        for slot, record in records.items():
            self._actions.tidy(slot, record, now)
        if failed is not None:
            raise failed
        return any(record.phase in MOVING for record in records.values())

    def _role(
        self, slot: str, memory: Memory, weights: Mapping[str, int], now: float
    ) -> SlotRecord:
        """The slot's record; a slot that became live, or idle, begins anew with what is needed."""
        record = memory.records.get(slot, SlotRecord())
        live, main = bool(weights[slot]), live_slots(weights)[:1] == [slot]
        if (record.live, record.main) == (live, main):
            return record
        changed = replace(record, live=live, main=main)
        if record.phase == "off" and record.live != live:
            changed = replace(changed, since=now, stop=None)
        self._store.put_record(slot, changed)
        return changed

    def _facts(
        self,
        memory: Memory,
        weights: Mapping[str, int],
        records: Mapping[str, SlotRecord],
        states: Mapping[str, SlotState],
        now: float,
    ) -> dict[str, Facts]:
        metrics = {
            slot: self._cloud.metrics(slot, now) if record.phase == "on" else {}
            for slot, record in records.items()
        }
        requests = {
            slot: max((one.last_request_at or now for one in seen.values()), default=None)
            for slot, seen in metrics.items()
            if weights[slot]
        }
        return {
            slot: facts_of(
                slot,
                record,
                states[slot],
                now=now,
                memory=memory,
                policy=self._plan.policy,
                weights=weights,
                metrics=metrics[slot],
                partner_last_request_at=max(
                    (
                        at
                        for other, at in requests.items()
                        if other != slot and weights[slot] and at is not None
                    ),
                    default=None,
                ),
                quiet=self._plan.quiet(now),
                spot=self._plan.spot[slot],
            )
            for slot, record in records.items()
        }

    def _one(
        self, facts: Facts, state: SlotState, weights: Mapping[str, int], now: float
    ) -> SlotRecord:
        decision = decide(facts, now)
        self._journal.decided(facts, decision, now)
        record = self._actions.do(facts, state, decision, weights, now)
        if decision.action == "stop" and record.phase == "on":
            self._journal.happened(facts.slot, "The servers or a caller needed it: it stays on.")
        policy = facts.policy
        if (
            record.phase == "on"
            and policy.budget_usd
            and facts.budget.percent >= policy.budget_batches_percent
            and not any(lease.override and lease.expires_at > now for lease in facts.leases)
        ):
            self._servers.refuse_batches(facts.slot, REFUSAL_SECONDS, _why(facts, now))
        return record

    def _rules(self, weights: Mapping[str, int], opened: Mapping[str, bool | None]) -> None:
        standing = self._cloud.sleep_rules()
        wanted = wanted_rules(weights, opened, standing)
        for rule in wanted - standing:
            self._cloud.put_sleep_rule(rule)
        for rule in standing - wanted:
            self._cloud.drop_sleep_rule(rule)

    def _count(
        self,
        memory: Memory,
        records: Mapping[str, SlotRecord],
        states: Mapping[str, SlotState],
        now: float,
    ) -> Memory:
        """Instance hours of the month so far."""
        seen = {}
        for slot, state in states.items():
            bought, on_demand = self._plan.prices[slot]
            price = on_demand if records[slot].on_demand else bought
            seen.update({instance: (at, price) for instance, at in state.instances.items()})
        hours = counted(memory.hours, seen, now)
        if hours is memory.hours:
            return memory
        self._store.put_hours(hours)
        return replace(memory, hours=hours)


def _why(facts: Facts, now: float) -> str:
    closed = "used up" if budget_closed(facts, now) else "nearly used up"
    return f"This month's GPU budget is {closed}"
