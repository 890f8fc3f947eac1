"""AWS as the controller's port."""

from __future__ import annotations

import time
from dataclasses import replace

from power.aws.metrics import server_metrics
from power.aws.rules import ListenerRules
from power.aws.servers import ReachedServers
from power.aws.slots import Slots
from power.model import ServerFacts, SlotRecord
from power.ports import SleepRule, SlotState, Unreachable
from power.settings import PowerSettings

# Lines are sought this far beyond the age at which they count as stale.
MORE_MINUTES = 10
LOADING = "model loading"


class AwsCloud:
    def __init__(self, settings: PowerSettings, slots: Slots, servers: ReachedServers) -> None:
        self._settings, self._slots, self._servers = settings, slots, servers
        self._rules = ListenerRules(settings)

    def weights(self) -> dict[str, int]:
        return self._rules.weights()

    def state(self, slot: str, record: SlotRecord) -> SlotState:
        found = self._slots.state(slot, record)
        known = {**found.stages, **record.stages}
        if "container up" in known and LOADING not in known and self._servers.answer(slot):
            return replace(found, stages={**found.stages, LOADING: time.time()})
        return found

    def metrics(self, slot: str, now: float) -> dict[str, ServerFacts]:
        minutes = self._settings.policy.stale_minutes + MORE_MINUTES
        try:
            return server_metrics(self._settings.namespace, slot, now, minutes)
        except Unreachable:
            return {server: ServerFacts() for server in self._settings.slots[slot].groups}

    def turn_on(self, slot: str) -> None:
        self._slots.turn_on(slot)

    def turn_off(self, slot: str) -> None:
        self._slots.turn_off(slot)

    def replace(self, slot: str, instance: str) -> None:
        self._slots.replace(slot, instance)

    def terminate(self, instance: str) -> None:
        self._slots.terminate(instance)

    def buy(self, slot: str, on_demand: bool) -> None:
        self._slots.buy(slot, on_demand=on_demand)

    def sleep_rules(self) -> set[SleepRule]:
        return self._rules.standing()

    def put_sleep_rule(self, rule: SleepRule) -> None:
        self._rules.put(rule)

    def drop_sleep_rule(self, rule: SleepRule) -> None:
        self._rules.drop(rule)

    def drop_all_rules(self) -> None:
        self._rules.drop_all()
