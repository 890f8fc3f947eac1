"""What the servers write of themselves each minute, and what CloudWatch shows of it, when."""

from __future__ import annotations

from collections import deque
from random import Random
from typing import NamedTuple

from bench.power.rates import Rates
from power.aws.metrics import PERIOD
from power.model import ServerFacts

KEPT = 24


class Line(NamedTuple):
    """`minute` is the period it counts to, `age` the seconds since the last request."""

    minute: float
    visible_at: float
    age: float
    in_flight: int


class Lines:
    """The lines of one server of a slot."""

    def __init__(self, rates: Rates, dice: Random) -> None:
        self._rates, self._dice = rates, dice
        self._lines: deque[Line] = deque(maxlen=KEPT)
        self.dark_until = 0.0

    def write(self, now: float, age: float, in_flight: int) -> float | None:
        """When the line will be seen; None when it is lost."""
        if now < self.dark_until or self._dice.random() < self._rates.line_lost:
            return None
        visible = now + delay(self._dice, self._rates.line_late)
        self._lines.append(Line(now - now % PERIOD, visible, age, in_flight))
        return visible

    def seen(self, now: float, minutes: float) -> ServerFacts:
        """As `power.aws.metrics` reads them."""
        since, newest, last, in_flight = now - 60 * minutes, -1.0, 0.0, 0
        for line in self._lines:
            if line.visible_at > now or line.minute < since:
                continue
            last = max(last, line.minute - line.age)
            if line.minute > newest:
                newest, in_flight = line.minute, line.in_flight
            elif line.minute == newest:
                in_flight = max(in_flight, line.in_flight)
        if newest < 0:
            return ServerFacts()
        return ServerFacts(min(now, newest + PERIOD), last, in_flight)


def delay(dice: Random, late: float) -> float:
    """Mostly one to two minutes after the line; a few come up to 15 minutes late."""
    if dice.random() < late:
        return dice.uniform(150, 900)
    return 20 + dice.lognormvariate(3.9, 0.4)
