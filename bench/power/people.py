"""People who press stop and start, make leases, deploy, and turn counts by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any

from bench.power.callers import Callers
from bench.power.clockwork import DAY, HOUR, MINUTE
from bench.power.front import Front
from bench.power.site import Site
from power.memory import LIVE
from power.model import Lease, StopWish

STOP_SECONDS = 1800.0
BY_HAND = "by hand"


class People:
    def __init__(
        self,
        site: Site,
        front: Front,
        callers: Callers,
        dice: Random,
        tell: Callable[[dict[str, Any], float], None],
    ) -> None:
        self._site, self._front, self._callers = site, front, callers
        self._dice, self._tell = dice, tell
        self._deploying = False
        self._leases = 0

    def day(self) -> None:
        """What they will do in the next 24 hours."""
        rates = self._site.rates
        for a_day, act in (
            (rates.stops_per_day, self._stop),
            (rates.starts_per_day, self._start),
            (rates.leases_per_day, self._lease),
            (rates.deploys_per_day, self._deploy),
            (rates.by_hand_per_day, self._by_hand),
        ):
            for _ in range(int(a_day + self._dice.random())):
                # Mostly in the hours in which the others work.
                hour = self._dice.triangular(0, 24, 12)
                self._site.clock.after(hour / 24 * DAY, act)

    def schedule(self, action: str) -> None:
        """EventBridge Scheduler, mostly in time."""
        late = self._dice.expovariate(1 / 10)
        self._tell({"source": "schedule", "action": action}, min(late, 300.0))

    def interfere(self) -> None:
        """At the worst moment."""
        if not self._deploying:
            self._weigh(self._swapped())
        for _ in range(self._dice.randint(0, 3)):
            self._call(self._dice.choice(["live", "idle"]), self._dice.uniform(0, 120))

    def rush(self, slot: str) -> None:
        """Calls for this slot in the next seconds."""
        audience = "live" if self._site.balancer.weights[slot] else "idle"
        for _ in range(self._dice.randint(1, 3)):
            self._call(audience, self._dice.uniform(0, 4))

    def _call(self, audience: str, seconds: float) -> None:
        server = self._dice.choice(["tts", "whisperx"])
        call = partial(
            self._callers.call, server, self._dice.uniform(5, 200), _nothing, audience=audience,
            patience=900,
        )  # fmt: skip
        self._site.clock.after(seconds, call)

    def _stop(self) -> None:
        now = self._site.clock.now
        for slot in self._site.slots:
            self._site.ledger.trouble(slot, now)
        wish = StopWish(now, "ann", now + STOP_SECONDS)
        self._site.table.put_stop_wish(LIVE, wish)
        self._tell({"source": "front"}, self._dice.uniform(0.1, 2))

    def _start(self) -> None:
        self._front.wish(LIVE, "bob", "start", urgent=self._dice.random() < 0.5)

    def _lease(self) -> None:
        self._leases += 1
        dice, now = self._dice, self._site.clock.now
        lease = Lease(
            f"lease-{self._leases}", "cy", "demo", now, now + dice.uniform(0.3, 3) * HOUR,
            override=dice.random() < 0.3,
        )  # fmt: skip
        self._site.table.put_lease(lease)
        self._tell({"source": "front"}, dice.uniform(0.1, 2))
        half = (lease.expires_at - now) / 2
        drawn = dice.random()
        if drawn < 0.3:
            self._site.clock.after(half, partial(self._release, lease))
        elif drawn < 0.5:
            self._site.clock.after(half, partial(self._extend, lease))

    def _release(self, lease: Lease) -> None:
        site = self._site
        for slot, weight in site.balancer.weights.items():
            if weight:
                site.ledger.hold(slot)
        site.table.drop_lease(lease.id)

    def _extend(self, lease: Lease) -> None:
        longer = self._site.clock.now + self._dice.uniform(0.5, 2) * HOUR
        self._site.table.extend_lease(replace(lease, expires_at=longer))

    def _deploy(self) -> None:
        """The template again; a swap after a look at the other slot, or without; a trial."""
        if self._deploying:
            return
        drawn, balancer = self._dice.random(), self._site.balancer
        self._site.ledger.tally.happened["deploys"] += 1
        if drawn < 0.2:
            self._weigh(dict(balancer.weights))
        elif drawn < 0.35:
            self._weigh(self._swapped())
        else:
            self._deploying = True
            self._front.wish(balancer.side, "verify", "golden set", urgent=True)
            then = self._swap if drawn < 0.7 else self._trial
            step = partial(self._verify, 6, then)
            self._callers.call("tts", self._dice.uniform(5, 60), step, audience="idle")
            self._site.clock.after(4 * HOUR, self._give_up)

    def _verify(self, left: int, then: Callable[[], None]) -> None:
        if not self._deploying:
            return
        if not left:
            then()
            return
        server = self._dice.choice(["tts", "whisperx"])
        step = partial(self._verify, left - 1, then)
        self._callers.call(server, self._dice.uniform(5, 60), step, audience="idle")

    def _give_up(self) -> None:
        self._deploying = False

    def _swap(self) -> None:
        self._deploying = False
        self._weigh(self._swapped())

    def _trial(self) -> None:
        balancer = self._site.balancer
        self._weigh({balancer.main: 90, balancer.side: 10})
        self._site.clock.after(self._dice.uniform(0.5, 5) * HOUR, self._end_trial)

    def _end_trial(self) -> None:
        balancer = self._site.balancer
        back = {balancer.main: 100, balancer.side: 0}
        self._weigh(self._swapped() if self._dice.random() < 0.5 else back)
        self._deploying = False

    def _swapped(self) -> dict[str, int]:
        return {self._site.balancer.main: 0, self._site.balancer.side: 100}

    def _weigh(self, weights: dict[str, int]) -> None:
        """A deploy writes the template's rules again, and ends with a look of the controller."""
        site = self._site
        for slot in site.slots:
            site.ledger.hold(slot)
            site.ledger.trouble(slot, site.clock.now)
        site.balancer.weights = weights
        if self._dice.random() < 0.1 and site.balancer.standing:
            # Somebody deleted a rule that is not the template's.
            site.balancer.drop(self._dice.choice(sorted(site.balancer.standing, key=str)))
        self._tell({"source": "deployment"}, self._dice.uniform(0, 60))

    def _by_hand(self) -> None:
        """Somebody turns the counts in the console."""
        site = self._site
        slot = site.slots[site.balancer.main]
        site.ledger.tally.happened["counts by hand"] += 1
        site.ledger.trouble(slot.name, site.clock.now)
        if slot.group:
            slot.set_group(0, BY_HAND)
            if self._dice.random() < 0.7:
                slot.set_service(0, BY_HAND)
        else:
            slot.set_group(1, BY_HAND)
            if self._dice.random() < 0.7:
                slot.set_service(1, BY_HAND)
        site.clock.after(5 * MINUTE, partial(site.ledger.watch, slot.name))
        self._tell({"source": "sweep"}, 60)


def _nothing() -> None:
    return
