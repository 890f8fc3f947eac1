"""The world's own truth: how long, how often, and whether a promise was broken."""

from __future__ import annotations

from collections import deque
from functools import partial

from bench.power.clockwork import HOUR, MINUTE, Clockwork
from bench.power.machines import Machine
from bench.power.rates import SLOWEST_START, Rates
from bench.power.site import Site
from bench.power.supply import Slot
from bench.power.tally import Tally
from power.actions import DOOMED_SECONDS
from power.memory import IDLE, LIVE
from power.policy import Policy

HARMLESS = ("idle", "operator", "schedule")
BOUNDED = ("cap", "budget", "unreachable")
# A caller that is refused longer by a slot that could work was forgotten.
REFUSING_SECONDS = 360.0
# After something broke, metrics and servers need so long until all is known again.
AFTERMATH = 300.0
UNKNOWN = "unknown"


class Ledger:
    def __init__(self, clock: Clockwork, rates: Rates, policy: Policy, tally: Tally) -> None:
        self._clock, self._rates, self._policy = clock, rates, policy
        self.tally = tally
        self._on_since: dict[str, float] = {}
        self._held: dict[str, float] = {}
        self._refused_since: dict[str, float] = {}
        self._beside: dict[tuple[str, str], float] = {}
        self._clouded: deque[tuple[str, float, float]] = deque(maxlen=64)
        self._trouble: dict[str, float] = {}
        self.site: Site

    def stop_kind(self, slot: str) -> str:
        """What a stop of this slot is for, by the record that was written before it."""
        record = self.site.table.read().records.get(slot)
        leaves = record is not None and record.phase == "leaving" and record.stop is not None
        return record.stop.kind if leaves and record and record.stop else UNKNOWN

    def counted(self, slot: Slot, before: int) -> None:
        if slot.group and not before:
            self._on_since[slot.name] = self._clock.now
            self.tally.starts += 1
        if before and not slot.group:
            self._stopped(slot)

    def hold(self, slot: str) -> None:
        """Somebody held the slot until now: a lease, the other slot of a trial."""
        self._held[slot] = self._clock.now

    def cloud(self, slot: str, until: float) -> None:
        """From now on nobody can be expected to know what the slot does."""
        self._clouded.append((slot, self._clock.now, until + AFTERMATH))

    def trouble(self, slot: str, until: float) -> None:
        self._trouble[slot] = max(self._trouble.get(slot, 0.0), until)

    def launched(self, machine: Machine) -> None:
        found = self.site.slots[machine.slot]
        for other in [*found.members, *found.others]:
            if other is not machine and other.alive:
                self._beside[other.id, machine.id] = self._clock.now

    def gone(self, machine: Machine) -> None:
        now = self._clock.now
        self.tally.hours += (now - machine.launched_at) / HOUR
        for pair in [pair for pair in self._beside if machine.id in pair]:
            del self._beside[pair]
            end = machine.noticed_at and (
                machine.noticed_at + DOOMED_SECONDS + self._rates.late_minutes * MINUTE
            )
            if pair[0] == machine.id and (not end or now > end):
                self._fault("two instances", f"{pair[0]} beside {pair[1]}")

    def killed(self, why: str) -> None:
        self.tally.killed[why] += 1
        if why in (*HARMLESS, UNKNOWN):
            self._fault("killed", f"a request, by a stop of kind {why}")

    def served(self, slot: str, refused_at: float) -> None:
        """A caller that was refused first got its answer."""
        wait = self._clock.now - refused_at
        clean = max(self._trouble.values(), default=0.0) < refused_at - 1800
        (self.tally.waits if clean else self.tally.other_waits).append(wait / MINUTE)
        late = wait - SLOWEST_START - self._rates.late_minutes * MINUTE
        if clean and late > 0:
            self._fault("served", f"{slot} after {wait / MINUTE:.1f} min")

    def watch_at(self, slot: str, when: float) -> None:
        self._clock.at(when, partial(self.watch, slot))

    def watch(self, slot: str) -> None:
        """Called when anything changed that may turn callers of the slot away."""
        refuses, since = self._refuses(slot), self._refused_since.get(slot)
        if refuses and since is None:
            self._refused_since[slot] = self._clock.now
        elif not refuses and since is not None:
            del self._refused_since[slot]
            seconds = self._clock.now - since
            self.tally.refusing = max(self.tally.refusing, seconds / MINUTE)
            if seconds > max(REFUSING_SECONDS, self._rates.late_minutes * MINUTE):
                self._fault(
                    "refusing", f"{slot} for {seconds / MINUTE:.1f} min while it could work"
                )

    def closed(self) -> None:
        """At the end of a run, after everybody has gone home."""
        for name, slot in self.site.slots.items():
            for machine in [*slot.members, *slot.others]:
                self._fault("left running", f"{machine.id} of {name}")

    def _refuses(self, slot: str) -> bool:
        found = self.site.slots[slot]
        machine = found.open_machine
        record = self.site.table.read().records.get(slot)
        if machine is None or machine.goes or record is None:
            return False
        if record.phase in ("closing", "leaving"):
            return False
        now = self._clock.now
        leased = any(server.drain_until > now for server in machine.servers.values())
        return leased or self.site.balancer.turned_away(slot)

    def _stopped(self, slot: Slot) -> None:
        now, kind = self._clock.now, slot.why
        self.tally.stops[kind] += 1
        if kind == UNKNOWN:
            self._fault("unexplained stop", f"of {slot.name}")
        if kind != "idle":
            # Whoever waits now waits for a stop and a start, and perhaps for a drain before them.
            self.trouble(slot.name, now)
        began = self._on_since.pop(slot.name, now)
        beyond = now - began - self._policy.hard_cap_hours * HOUR
        self.tally.past_cap = max(self.tally.past_cap, beyond / MINUTE)
        if beyond > self._rates.late_minutes * MINUTE:
            self._fault("hard cap", f"{slot.name} {beyond / MINUTE:.1f} min past it")
        record = self.site.table.read().records.get(slot.name)
        busy = sum(machine.under_way for machine in slot.members)
        deadline = record.stop.deadline if record and record.stop else None
        if kind in BOUNDED and busy and (deadline is None or now < deadline - 1):
            self._fault(
                "bounded drain", f"{slot.name}, {kind}: {busy} requests before the deadline"
            )
        if record is None or not slot.members:
            return
        if record.warm_at is None:
            self._failed(slot, began, record.asked_at or began)
            return
        last = now if busy else max(machine.last for machine in slot.members)
        asked = now if busy else max(machine.asked for machine in slot.members)
        if kind == "idle" and now - asked < self._policy.idle_minutes * MINUTE - 1:
            self._fault(
                "premature", f"{slot.name} {(now - asked) / MINUTE:.1f} min after a request"
            )
        self._overrun(slot, max(last, record.warm_at), kind)

    def _failed(self, slot: Slot, began: float, asked: float) -> None:
        """It was never warm: how long was that paid for?"""
        minutes = (self._clock.now - max(began, asked)) / MINUTE
        if minutes > self._policy.start_deadline_minutes + self._rates.late_minutes:
            self._fault("failed start", f"{slot.name} given up after {minutes:.1f} min")

    def _overrun(self, slot: Slot, need: float, kind: str) -> None:
        """Minutes on beyond the idle limit, as nobody in the world can know them."""
        now, memory = self._clock.now, self.site.table.read()
        weights = self.site.balancer.weights
        targets = [slot.name, LIVE] if weights[slot.name] else [slot.name, IDLE]
        needs = [
            need,
            *(w.at for name, w in memory.wishes.items() if name.split(":")[0] in targets),
        ]
        partner = self.site.slots[next(name for name in weights if name != slot.name)]
        trial = bool(weights[slot.name] and weights[partner.name])
        if trial:
            needs += [machine.last for machine in partner.members]
        limit = max(needs) + self._policy.idle_minutes * MINUTE
        held = [self._held.get(slot.name, 0.0)]
        if weights[slot.name]:
            held += [min(lease.expires_at, now) for lease in memory.leases]
        limit = max(limit, *held)
        if kind != "idle" and now <= limit:
            return
        cold = not any(server.ready for one in slot.members for server in one.servers.values())
        clouded = cold or any(
            (trial or of == slot.name) and begin <= now and end >= limit - AFTERMATH
            for of, begin, end in self._clouded
        )
        minutes = (now - limit) / MINUTE
        (self.tally.other_overruns if clouded else self.tally.overruns).append(max(0.0, minutes))
        if not clouded and minutes > 2 * self._rates.late_minutes:
            self._fault("left on", f"{slot.name} {minutes:.1f} min past its idle limit")

    def _fault(self, check: str, told: str) -> None:
        self.tally.fault(check, f"at {self._clock.now:.1f}, {told}")
