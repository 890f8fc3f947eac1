"""What a decision does to a slot. Every step can be repeated after a crash between any two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace

from power.memory import PastStart
from power.model import STAGES, Decision, Facts, SlotRecord, Stop, StopKind
from power.policy import Policy
from power.ports import Cloud, Servers, SlotState, Store, Unreachable
from power.rules import SERVERS
from power.stopping import GentleStop

# A reclaimed Spot instance is gone after two minutes; one that is not is ended by us.
DOOMED_SECONDS = 180.0
FORGOTTEN_SECONDS = 3600.0
# Stops that wait for a moment without work.
GENTLE: tuple[StopKind, ...] = ("idle", "operator", "schedule")


class Actions:
    def __init__(
        self,
        cloud: Cloud,
        servers: Servers,
        store: Store,
        policy: Policy,
        clock: Callable[[], float],
    ) -> None:
        self._cloud, self._servers, self._store = cloud, servers, store
        self._policy = policy
        self._gentle = GentleStop(cloud, servers, store, clock)

    def do(
        self,
        facts: Facts,
        state: SlotState,
        decision: Decision,
        weights: Mapping[str, int],
        now: float,
    ) -> SlotRecord:
        """Carry the decision out; returns the slot's record after it. Raises Unreachable."""
        slot, record = facts.slot, facts.record
        match decision.action:
            case "stay":
                return self._keep(slot, record, _observed(record, state, now))
            case "start":
                # The counts first: a crash behind them is found as "turned on elsewhere".
                self._cloud.turn_on(slot)
                return self._put(slot, _begun(record, now, asked_at=now))
            case "adopt":
                self._cloud.turn_on(slot)
                return self._put(slot, _adopted(record, state, now))
            case "raise":
                self._cloud.turn_on(slot)
                return record
            case "warm":
                return self._warm(slot, record, state, now)
            case "replace":
                return self._replace(facts, record, now)
            case "fall back":
                # Asked for again until an instance is there: a crash in between loses nothing.
                bought = self._keep(slot, record, replace(record, on_demand=True))
                self._cloud.buy(slot, on_demand=True)
                return bought
            case "stop":
                after = self._gentle.stop(facts, decision, weights, now)
                kept = after is record
                return self._keep(slot, record, _observed(record, state, now)) if kept else after
            case "close":
                return self._close(facts, decision, now)
            case "lower":
                return self._lower_again(facts, state, decision, now)
            case "fail":
                failures = record.failures + 1
                retry_at = now + self._policy.backoff_seconds(failures)
                failed = replace(record, failures=failures, retry_at=retry_at)
                return self._lower(replace(facts, record=failed), decision, now)
            case "off":
                return self._off(facts, decision, now)

    def tidy(self, slot: str, record: SlotRecord, now: float) -> None:
        """What may fail without harm: reclaimed instances that outlived their notice are ended,
        since no group counts them any more, and the next instance is Spot again."""
        over = [instance for instance, at in record.doomed.items() if now >= at]
        gone = [instance for instance in over if self._ended(instance)]
        gone += [one for one in over if now >= record.doomed[one] + FORGOTTEN_SECONDS]
        if gone:
            rest = {i: at for i, at in record.doomed.items() if i not in gone}
            record = self._put(slot, replace(record, doomed=rest))
        if record.phase == "off" and record.on_demand:
            with suppress(Unreachable):
                self._cloud.buy(slot, on_demand=False)
                self._put(slot, replace(record, on_demand=False))

    def _ended(self, instance: str) -> bool:
        try:
            self._cloud.terminate(instance)
        except Unreachable:
            return False
        return True

    def _keep(self, slot: str, before: SlotRecord, after: SlotRecord) -> SlotRecord:
        return before if after == before else self._put(slot, after)

    def _put(self, slot: str, record: SlotRecord) -> SlotRecord:
        self._store.put_record(slot, record)
        return record

    def _warm(self, slot: str, record: SlotRecord, state: SlotState, now: float) -> SlotRecord:
        stages = _in_order({**record.stages, **state.stages, "warm": now})
        if record.asked_at is not None:
            self._store.put_start(PastStart(slot, record.asked_at, stages))
        return self._put(
            slot,
            replace(
                record,
                phase="on",
                since=now,
                warm_at=now,
                cold_since=None,
                failures=0,
                retry_at=0.0,
                stages=stages,
            ),
        )

    def _replace(self, facts: Facts, record: SlotRecord, now: float) -> SlotRecord:
        """No caller is sent there any more; what is under way has what is left of two minutes."""
        doomed = {**record.doomed, **dict.fromkeys(facts.interrupted, now + DOOMED_SECONDS)}
        moved = replace(
            record,
            phase="starting",
            since=now,
            asked_at=now,
            warm_at=None,
            cold_since=None,
            stages={STAGES[0]: now},
            doomed=doomed,
        )
        self._put(facts.slot, moved)
        # Refused where work is under way: then the rule alone keeps new work away.
        self._servers.drain(facts.slot, GentleStop.LEASE_SECONDS)
        for instance in facts.interrupted:
            self._cloud.replace(facts.slot, instance)
            self._store.drop_notice(instance)
        return moved

    def _close(self, facts: Facts, decision: Decision, now: float) -> SlotRecord:
        """The look ends with the rule that keeps new calls away; here those under way are asked."""
        record = facts.record
        if record.phase != "closing":
            stop = Stop(decision.kind or "cap", decision.reason, now, deadline=decision.deadline)
            return self._put(facts.slot, replace(record, phase="closing", since=now, stop=stop))
        granted = self._servers.drain(facts.slot, GentleStop.LEASE_SECONDS)
        if all(granted.get(server) for server in SERVERS):
            return self._lower(facts, decision, now)
        return record

    def _lower_again(
        self, facts: Facts, state: SlotState, decision: Decision, now: float
    ) -> SlotRecord:
        """A gentle stop that a crash cut short asks the servers again: the lease may have ended,
        and a deploy may have sent callers there."""
        record = facts.record
        asks = record.phase == "leaving" and facts.group_count and not state.draining
        stop = record.stop
        if asks and stop and stop.kind in GENTLE and self._used_since(facts, now - stop.at):
            self._servers.resume(facts.slot)
            return self._put(facts.slot, replace(record, phase="on", since=now, stop=None))
        return self._lower(facts, decision, now)

    def _used_since(self, facts: Facts, seconds: float) -> bool:
        """Whether the servers have or had work, or are silent although callers may reach them."""
        granted = self._servers.drain(facts.slot, GentleStop.LEASE_SECONDS)
        seen = self._servers.activity(facts.slot).values()
        silent = facts.ready is not False and not all(granted.get(one) for one in SERVERS)
        used = any(one.seconds_since_last_request < seconds for one in seen)
        return silent or used or False in granted.values()

    def _lower(self, facts: Facts, decision: Decision, now: float) -> SlotRecord:
        record = facts.record
        if record.phase != "leaving":
            stop = record.stop if record.phase == "closing" else None
            stop = stop or Stop(decision.kind or "elsewhere", decision.reason, now)
            record = self._put(facts.slot, replace(record, phase="leaving", since=now, stop=stop))
        self._cloud.turn_off(facts.slot)
        return record

    def _off(self, facts: Facts, decision: Decision, now: float) -> SlotRecord:
        record = facts.record
        if facts.service_count:
            self._cloud.turn_off(facts.slot)
        stop = record.stop
        if decision.kind == "elsewhere":
            stop = Stop("elsewhere", decision.reason, now)
        off = SlotRecord(
            phase="off",
            since=now,
            live=record.live,
            main=record.main,
            stop=stop,
            failures=record.failures,
            retry_at=record.retry_at,
            on_demand=record.on_demand,
            # How far it came: whoever looks after a failed start wants to know.
            stages=record.stages,
            doomed=record.doomed,
        )
        return self._put(facts.slot, off)


def _adopted(record: SlotRecord, state: SlotState, now: float) -> SlotRecord:
    """It costs since its launch; its deadline counts from now on. One that serves, serves on."""
    began = min(min(state.instances.values(), default=now), now)
    found = replace(_begun(record, began), since=now)
    return replace(found, phase="on", warm_at=now) if state.ready else found


def _begun(record: SlotRecord, at: float, asked_at: float | None = None) -> SlotRecord:
    """Without the time that it was asked for, nothing is learned from this start."""
    return SlotRecord(
        phase="starting",
        since=at,
        live=record.live,
        main=record.main,
        started_at=at,
        asked_at=asked_at,
        failures=record.failures,
        retry_at=record.retry_at,
        on_demand=record.on_demand,
        stages={STAGES[0]: at},
        doomed=record.doomed,
    )


def _observed(record: SlotRecord, state: SlotState, now: float) -> SlotRecord:
    """The record with what this look saw of a start, or of a slot that is not ready any more."""
    if record.phase == "starting":
        fresh = {stage: at for stage, at in state.stages.items() if stage not in record.stages}
        return replace(record, stages=_in_order({**record.stages, **fresh})) if fresh else record
    if record.phase == "on":
        cold = None if state.ready else (record.cold_since or now)
        if state.ready is None:
            cold = record.cold_since
        return record if cold == record.cold_since else replace(record, cold_since=cold)
    return record


def _in_order(stages: Mapping[str, float]) -> dict[str, float]:
    """No stage before the one that it follows: their times come from several clocks."""
    found: dict[str, float] = {}
    latest = 0.0
    for stage in (each for each in STAGES if each in stages):
        latest = max(latest, stages[stage])
        found[stage] = latest
    return found
