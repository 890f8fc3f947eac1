"""The front function's own desk over the simulated table: what callers are told while it sleeps."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, cast

from bench.power.settings import front_settings
from bench.power.site import Site
from power.desk import Desk
from power.key_cache import KeyCache
from power.memory import IDLE, LIVE
from power.model import Wish

# Somebody has to wait that cannot be helped: these say why.
HELD = ("quiet", "budget", "backoff")


class Front:
    """`tell` invokes the controller with an event, after some seconds."""

    def __init__(
        self, site: Site, dice: Random, tell: Callable[[dict[str, Any], float], None]
    ) -> None:
        self._site, self._dice, self._tell = site, dice, tell
        # Every simulated caller has a valid key: nobody asks for it.
        self._desk = Desk(
            front_settings(site.plan), site.table, cast(KeyCache, None), wake=self._wake,
            clock=site.clock.read,
        )  # fmt: skip

    def answer(self, audience: str) -> float:
        """A call met the sleep rule; returns Retry-After in seconds."""
        view = self._desk.view(LIVE if audience == "live" else IDLE)
        situation = view.situation
        if situation.state in HELD:
            self._site.ledger.trouble(view.slot, view.now)
        if situation.wakes:
            self._desk.wish(LIVE if audience == "live" else IDLE, "caller", view)
        return situation.eta_seconds

    def wish(self, target: str, by: str, reason: str, *, urgent: bool) -> None:
        """Somebody asks for a start."""
        self._site.table.put_wish(target, Wish(self._desk.stamp(), by, reason, urgent))
        self._wake()

    def _wake(self) -> None:
        self._tell({"source": "front"}, self._dice.uniform(0.1, 2))
