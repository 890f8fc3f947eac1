"""Between an invocation and all else: time, stalls, lost answers, and its end at any point."""

from __future__ import annotations

from random import Random

from bench.power.clockwork import Clockwork
from bench.power.rates import Rates
from power.ports import Unreachable

# The function's timeout; a stalled one is ended there.
FUNCTION_SECONDS = 120.0


class Crashed(BaseException):
    """The invocation is no more; nothing that it would still do happens."""


class Wire:
    """Of one invocation. `reach()` before each thing it does, `answer()` when the answer comes."""

    def __init__(self, clock: Clockwork, dice: Random, rates: Rates) -> None:
        self._clock, self._rates = clock, rates
        self._random, self._uniform = dice.random, dice.uniform
        self._ends = clock.now + FUNCTION_SECONDS
        self._dead = False
        self._trouble = rates.crash + rates.stall + rates.unreachable

    def reach(self, seconds: float = 0.05) -> None:
        """Raises Crashed, or Unreachable when nothing arrived."""
        if self._dead:
            raise Crashed
        drawn = self._random()
        if drawn < self._trouble:
            if drawn < self._rates.crash:
                self.die()
            if drawn < self._rates.crash + self._rates.stall:
                self.wait(self._uniform(1, FUNCTION_SECONDS))
            else:
                self.wait(self._uniform(1, 10))
                raise Unreachable("simulated")
        self.wait(seconds * (0.5 + drawn))

    def answer(self) -> None:
        """Raises Unreachable although it happened, or Crashed right behind it."""
        drawn = self._random()
        if drawn < self._rates.crash:
            self.die()
        if drawn < self._rates.crash + self._rates.unreachable_done:
            self.wait(self._uniform(1, 10))
            raise Unreachable("simulated, though it happened")

    @property
    def alive(self) -> bool:
        return not self._dead and self._clock.now <= self._ends

    def wait(self, seconds: float) -> None:
        left = self._ends - self._clock.now
        self._clock.wait(min(seconds, max(left, 0.0)))
        if seconds > left or self._clock.now > self._ends:
            self.die()

    def die(self) -> None:
        self._dead = True
        raise Crashed
