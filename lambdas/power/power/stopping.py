"""A stop that harms nobody: both servers promise to take no work before anything is turned off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from power.collect import newest_wish
from power.decide import MINUTE
from power.model import Decision, Facts, SlotRecord, Stop
from power.ports import ActivityNow, Cloud, Servers, Store
from power.rules import SERVERS, wanted_rules

ATTEMPTS = 3


class GentleStop:
    LEASE_SECONDS = 120.0

    def __init__(
        self, cloud: Cloud, servers: Servers, store: Store, clock: Callable[[], float]
    ) -> None:
        self._cloud, self._servers, self._store, self._clock = cloud, servers, store, clock

    def stop(
        self, facts: Facts, decision: Decision, weights: Mapping[str, int], now: float
    ) -> SlotRecord:
        """The record after the attempt: leaving, or as it was when anybody had something to do.

        1. Both servers say that nothing is under way and that the pause was long enough.
        2. Both grant a drain lease; from now on they refuse work. If one does not, both resume.
        3. Callers are answered by the front. If one of them came meanwhile, both servers resume.
        4. Both renew: nothing can come any more. They say again how long the pause was: a short
           request may have come and gone between the first two steps.
        5. The counts go to 0. A crash before this step changes nothing: the lease ends by itself.
        """
        slot = facts.slot
        if not self._quiet(facts, decision):
            return facts.record
        if not self._drained(slot):
            return facts.record
        self._turn_callers_away(slot, weights)
        wanted = self._wanted_since(facts, now) or not self._drained(slot)
        if wanted or not self._quiet(facts, decision):
            self._servers.resume(slot)
            return facts.record
        stop = Stop(decision.kind or "idle", decision.reason, now)
        record = replace(facts.record, phase="leaving", since=now, stop=stop)
        self._store.put_record(slot, record)
        self._turn_off(slot, record)
        return record

    def _quiet(self, facts: Facts, decision: Decision) -> bool:
        """What the servers say now counts, not a metric of some minutes ago."""
        seen = self._servers.activity(facts.slot)
        pause = 0.0
        if decision.kind == "idle":
            pause = facts.policy.idle_minutes * MINUTE
        elif facts.stop_wish is not None:
            pause = facts.stop_wish.quiet_seconds
        return all(server in seen and _rests(seen[server], pause) for server in SERVERS)

    def _drained(self, slot: str) -> bool:
        granted = self._servers.drain(slot, self.LEASE_SECONDS)
        if all(granted.get(server) for server in SERVERS):
            return True
        self._servers.resume(slot)
        return False

    def _turn_callers_away(self, slot: str, weights: Mapping[str, int]) -> None:
        standing = self._cloud.sleep_rules()
        opened: dict[str, bool | None] = dict.fromkeys(weights)
        opened[slot] = False
        for rule in wanted_rules(weights, opened, standing) - standing:
            self._cloud.put_sleep_rule(rule)

    def _wanted_since(self, facts: Facts, now: float) -> bool:
        memory = self._store.read()
        wish = newest_wish(memory, facts.slot, facts.record, facts.policy, self._clock())
        leased = facts.live and any(
            lease.created_at >= now and lease.expires_at > now for lease in memory.leases
        )
        return leased or (wish is not None and wish.at >= now)

    def _turn_off(self, slot: str, record: SlotRecord) -> None:
        """Renew until AWS says that the counts are at 0 and the instance takes no task."""
        for _ in range(ATTEMPTS):
            self._cloud.turn_off(slot)
            state = self._cloud.state(slot, record)
            if not state.service_count and not state.group_count and state.draining:
                return
            self._servers.drain(slot, self.LEASE_SECONDS)


def _rests(server: ActivityNow, pause: float) -> bool:
    quiet = server.seconds_since_last_request >= pause
    return not server.in_flight and not server.queue_depth and quiet
