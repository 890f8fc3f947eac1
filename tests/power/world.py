"""A small world behind the controller's ports: two slots, two servers each, a table, a clock.

Every call is written down and can be made to fail, or to be the last one of a killed invocation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from power.collect import URGENT
from power.look import Controller, Plan
from power.memory import Memory, MonthHours, Notice, PastStart
from power.model import Decision, Facts, Lease, ServerFacts, SlotRecord, StopWish, Wish
from power.policy import Policy
from power.ports import ActivityNow, SleepRule, SlotState, Unreachable

SERVERS = ("tts", "whisperx")
NOW = 1_795_500_000.0


class Killed(BaseException):
    """The invocation ended between two calls."""


@dataclass
class Server:
    in_flight: int = 0
    last_request_at: float = 0.0
    drained_until: float = 0.0
    reachable: bool = True


@dataclass
class Slot:
    service: int = 0
    group: int = 0
    instances: dict[str, float] = field(default_factory=dict)
    ready: bool | None = False
    draining: bool = False
    heard: bool = True
    servers: dict[str, Server] = field(default_factory=lambda: {s: Server() for s in SERVERS})


class World:
    """`calls` has the name of every port call; `before(call)` runs in front of each."""

    def __init__(self, policy: Policy | None = None) -> None:
        self.now = NOW
        self.policy = policy or Policy()
        self.slots = {"blue": Slot(), "green": Slot()}
        self.shares = {"blue": 100, "green": 0}
        self.rules: set[SleepRule] = set()
        self.memory = Memory()
        self.locked: tuple[str, float] | None = None
        self.on_demand: dict[str, bool] = {}
        self.terminated: list[str] = []
        self.refused_batches: list[str] = []
        self.decisions: list[tuple[str, Decision]] = []
        self.calls: list[str] = []
        self.before: Callable[[str], None] = lambda call: None
        self.is_quiet = False
        self.made = 0

    def controller(self) -> Controller:
        plan = Plan(
            policy=self.policy,
            prices=dict.fromkeys(self.slots, (0.5, 1.0)),
            spot=dict.fromkeys(self.slots, False),
            quiet=lambda now: self.is_quiet,
        )
        return Controller(self, self, self, plan, clock=lambda: self.now, journal=self)

    def look(self) -> str:
        """One look; the phase of blue after it."""
        self.controller().look()
        return self.record.phase

    @property
    def record(self) -> SlotRecord:
        return self.memory.records["blue"]

    @property
    def blue(self) -> Slot:
        return self.slots["blue"]

    def remember(self, record: SlotRecord, slot: str = "blue") -> None:
        records = {**self.memory.records, slot: record}
        self.memory = replace(self.memory, records=records)

    def warm(self, idle_minutes: float = 0) -> None:
        """Blue is on and ready since long, its last request so long ago."""
        self.look()
        began = self.now - 7200
        self.blue.service = self.blue.group = 1
        self.blue.instances = {"i-warm": began}
        self.blue.ready = True
        for server in self.blue.servers.values():
            server.last_request_at = self.now - idle_minutes * 60
        self.remember(
            SlotRecord(
                phase="on", since=began, live=True, main=True, started_at=began, asked_at=began,
                warm_at=began + 300,
            )
        )  # fmt: skip
        self.rules = {SleepRule("idle")}
        self.calls.clear()

    def takes_work(self, server: str = "tts") -> bool:
        """Whether a caller's request would be accepted by the live slot now."""
        led_away = SleepRule("live") in self.rules
        return not led_away and self.blue.servers[server].drained_until <= self.now

    def _call(self, name: str) -> None:
        self.calls.append(name)
        self.before(name)

    # Cloud
    def weights(self) -> dict[str, int]:
        self._call("weights")
        return dict(self.shares)

    def state(self, slot: str, record: SlotRecord) -> SlotState:
        self._call("state")
        one = self.slots[slot]
        return SlotState(
            one.service, one.group, dict(one.instances), one.ready, draining=one.draining
        )

    def metrics(self, slot: str, now: float) -> dict[str, ServerFacts]:
        self._call("metrics")
        return {
            name: ServerFacts(self.now - 60, server.last_request_at, server.in_flight)
            if self.slots[slot].heard
            else ServerFacts()
            for name, server in self.slots[slot].servers.items()
        }

    def turn_on(self, slot: str) -> None:
        self._call("turn_on")
        one = self.slots[slot]
        one.service = one.group = 1
        if not one.instances:
            self.made += 1
            one.instances[f"i-{self.made}"] = self.now
            one.draining = False

    def turn_off(self, slot: str) -> None:
        self._call("turn_off")
        self.slots[slot].service = self.slots[slot].group = 0
        self.slots[slot].draining = True

    def replace(self, slot: str, instance: str) -> None:
        self._call("replace")
        self.slots[slot].instances.pop(instance, None)
        self.made += 1
        self.slots[slot].instances[f"i-{self.made}"] = self.now
        self.slots[slot].ready = False

    def terminate(self, instance: str) -> None:
        self._call("terminate")
        self.terminated.append(instance)

    def buy(self, slot: str, on_demand: bool) -> None:
        self._call("buy")
        self.on_demand[slot] = on_demand

    def sleep_rules(self) -> set[SleepRule]:
        self._call("sleep_rules")
        return set(self.rules)

    def put_sleep_rule(self, rule: SleepRule) -> None:
        self._call("put_sleep_rule")
        self.rules.add(rule)

    def drop_sleep_rule(self, rule: SleepRule) -> None:
        self._call("drop_sleep_rule")
        self.rules.discard(rule)

    # Servers
    def activity(self, slot: str) -> dict[str, ActivityNow]:
        self._call("activity")
        return {
            name: ActivityNow(server.in_flight, 0, self.now - server.last_request_at)
            for name, server in self.slots[slot].servers.items()
            if server.reachable
        }

    def drain(self, slot: str, seconds: float) -> dict[str, bool]:
        self._call("drain")
        granted = {}
        for name, server in self.slots[slot].servers.items():
            if server.reachable:
                granted[name] = not server.in_flight
                if granted[name]:
                    server.drained_until = self.now + seconds
        return granted

    def resume(self, slot: str) -> None:
        self._call("resume")
        for server in self.slots[slot].servers.values():
            if server.reachable:
                server.drained_until = 0.0

    def refuse_batches(self, slot: str, seconds: float, why: str) -> None:
        self._call("refuse_batches")
        self.refused_batches.append(why)

    # Store
    def read(self) -> Memory:
        self._call("read")
        return self.memory

    def put_record(self, slot: str, record: SlotRecord) -> None:
        self._call("put_record")
        self.remember(record, slot)

    def put_wish(self, target: str, wish: Wish) -> None:
        key = target + URGENT if wish.urgent else target
        self.memory = replace(self.memory, wishes={**self.memory.wishes, key: wish})

    def put_stop_wish(self, target: str, wish: StopWish) -> None:
        self.memory = replace(self.memory, stop_wishes={**self.memory.stop_wishes, target: wish})

    def put_lease(self, lease: Lease) -> None:
        self.memory = replace(self.memory, leases=(*self.memory.leases, lease))

    def put_notice(self, notice: Notice) -> None:
        self.memory = replace(self.memory, notices=(*self.memory.notices, notice))

    def drop_notice(self, instance: str) -> None:
        self._call("drop_notice")
        rest = tuple(one for one in self.memory.notices if one.instance != instance)
        self.memory = replace(self.memory, notices=rest)

    def put_start(self, start: PastStart) -> None:
        self._call("put_start")
        self.memory = replace(self.memory, starts=(*self.memory.starts, start))

    def put_hours(self, hours: MonthHours) -> None:
        self._call("put_hours")
        self.memory = replace(self.memory, hours=hours)

    def lock(self, owner: str, now: float, seconds: float) -> bool:
        self._call("lock")
        if self.locked and self.locked[0] != owner and self.locked[1] > now:
            return False
        self.locked = (owner, now + seconds)
        return True

    def unlock(self, owner: str) -> None:
        self._call("unlock")
        if self.locked and self.locked[0] == owner:
            self.locked = None

    # Journal
    def decided(self, facts: Facts, decision: Decision, now: float) -> None:
        self.decisions.append((facts.slot, decision))

    def happened(self, slot: str, what: str) -> None:
        pass


def failing(names: Mapping[str, type[BaseException]]) -> Callable[[str], None]:
    """For `before`: these calls fail."""

    def before(call: str) -> None:
        if call in names:
            raise names[call](call) if names[call] is Unreachable else names[call]()

    return before
