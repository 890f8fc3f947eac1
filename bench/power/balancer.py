"""The load balancer: the template's weights, the controller's rules, and when they take effect."""

from __future__ import annotations

from random import Random

from bench.power.clockwork import Clockwork, Event
from bench.power.rates import RULE
from power.ports import SleepRule
from power.rules import live_slots

FRONT = "front"


class Balancer:
    """`standing` is what AWS lists, `_effective` what requests meet up to five seconds later."""

    def __init__(self, clock: Clockwork, dice: Random, changed: Event) -> None:
        self._clock, self._dice, self._changed = clock, dice, changed
        self.weights = {"blue": 100, "green": 0}
        self.standing: set[SleepRule] = set()
        self._effective: frozenset[SleepRule] = frozenset()

    def put(self, rule: SleepRule) -> None:
        self.standing.add(rule)
        self._soon()

    def drop(self, rule: SleepRule) -> None:
        self.standing.discard(rule)
        self._soon()

    @property
    def main(self) -> str:
        return live_slots(self.weights)[0]

    @property
    def side(self) -> str:
        return next(slot for slot in self.weights if slot != self.main)

    def turned_away(self, slot: str) -> bool:
        """Whether no caller of this slot gets through to it."""
        return SleepRule("live" if slot == self.main else "idle") in self._effective

    def route(self, audience: str, server: str) -> str:
        """Where a request goes: a slot, or the front function."""
        if SleepRule(audience) in self._effective:
            return FRONT
        for slot in self.weights:
            if SleepRule(audience, server, to=slot) in self._effective:
                return slot
        if audience == "idle":
            return self.side
        share = self.weights[self.side]
        return self.side if share and self._dice.random() * 100 < share else self.main

    def _soon(self) -> None:
        self._clock.after(self._dice.uniform(*RULE), self._take_effect)

    def _take_effect(self) -> None:
        self._effective = frozenset(self.standing)
        self._changed()
