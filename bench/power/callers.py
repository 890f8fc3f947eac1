"""Callers: each call goes through the load balancer and comes back until it is answered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random

from bench.power.balancer import FRONT
from bench.power.front import Front
from bench.power.machines import Machine
from bench.power.site import Site

NO_TARGET_SECONDS = 10.0
BUSY_SECONDS = 30.0

Then = Callable[[], None]


class Call:
    """One request of somebody, again and again until it was served or nobody wants it any more."""

    __slots__ = (
        "_audience", "_callers", "_machine", "_over", "_refused_at", "_seconds", "_server", "_then",
        "_until",
    )  # fmt: skip

    def __init__(
        self, callers: Callers, server: str, seconds: float, then: Then, until: float, audience: str
    ) -> None:
        self._callers, self._server, self._seconds = callers, server, seconds
        self._then, self._until, self._audience = then, until, audience
        self._refused_at: float | None = None
        self._machine: Machine | None = None
        self._over = False

    def attempt(self) -> None:
        callers, site = self._callers, self._callers.site
        where = site.balancer.route(self._audience, self._server)
        if where == FRONT:
            self._refused(callers.front.answer(self._audience))
            return
        machine = site.slots[where].open_machine
        if machine is None:
            self._refused(NO_TARGET_SECONDS)
            return
        server, now = machine.servers[self._server], site.clock.now
        if server.begin(self, now) != "taken":
            self._refused(min(BUSY_SECONDS, max(1.0, server.drain_until - now)))
            return
        callers.tally.requests += 1
        if self._refused_at is not None:
            site.ledger.served(where, self._refused_at)
            self._refused_at = None
        self._machine, self._over = machine, False
        site.clock.after(self._seconds, partial(self._finish, machine))

    def ended(self, why: str) -> None:
        self._over = True
        if why != "done":
            self._callers.site.ledger.killed(why)
            self._again(self._callers.dice.uniform(2, 60))

    def _finish(self, machine: Machine) -> None:
        if self._over or machine is not self._machine:
            return
        machine.servers[self._server].end(self, self._callers.site.clock.now)
        self._over = True
        self._then()

    def _refused(self, seconds: float) -> None:
        self._callers.tally.refused += 1
        if self._refused_at is None:
            self._refused_at = self._callers.site.clock.now
        self._again(seconds * self._callers.dice.uniform(1.0, 1.1))

    def _again(self, seconds: float) -> None:
        clock = self._callers.site.clock
        if clock.now + seconds <= self._until:
            clock.after(seconds, self.attempt)


class Callers:
    def __init__(self, site: Site, front: Front, dice: Random) -> None:
        self.site, self.front, self.dice = site, front, dice
        self.tally = site.ledger.tally

    def call(
        self,
        server: str,
        seconds: float,
        then: Then,
        *,
        patience: float = 3 * 3600.0,
        audience: str = "live",
    ) -> None:
        until = self.site.clock.now + patience
        Call(self, server, seconds, then, until, audience).attempt()
