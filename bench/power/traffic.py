"""The team's calls: office hours, night batches, bursts, and people who come back just then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from random import Random

from bench.power.callers import Callers
from bench.power.clockwork import HOUR, MINUTE, ZONE, Clockwork, Event
from bench.power.rates import Rates

SATURDAY = 5
# (server, seconds it takes, pause behind it)
Step = tuple[str, float, float]


class Traffic:
    """`size` is how much the team does, 1 as usual."""

    def __init__(
        self,
        callers: Callers,
        clock: Clockwork,
        dice: Random,
        rates: Rates,
        *,
        idle_minutes: float,
        size: float,
    ) -> None:
        self._callers, self._clock, self._dice, self._rates = callers, clock, dice, rates
        self._idle_seconds, self._size = 60 * idle_minutes, size

    def day(self, day: date) -> None:
        """Plan the calls of one local day."""
        dice, weekend = self._dice, day.weekday() >= SATURDAY
        sessions = dice.randint(2, 6) * self._size * (0.1 if weekend else 1)
        for _ in range(int(sessions + dice.random())):
            self._at(day, dice.triangular(8, 18.5, 10.5), partial(self._work, self._session()))
        if dice.random() < (0.1 if weekend else 0.3):
            self._at(day, dice.uniform(19, 23), partial(self._work, self._batch()))
        if dice.random() < (0.02 if weekend else 0.2):
            self._at(day, dice.uniform(9, 20), partial(self._burst, dice.randint(8, 32)))
        if dice.random() < 0.25:
            self._at(day, dice.uniform(0, 24), partial(self._work, iter([("tts", 3.0, 0.0)])))

    def _at(self, day: date, hour: float, event: Event) -> None:
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE)
        when = (midnight + timedelta(hours=hour)).timestamp()
        self._clock.at(when, event)

    def _session(self) -> Iterator[Step]:
        """Generate, verify, align, look at it, again."""
        dice = self._dice
        for _ in range(dice.randint(1, 6)):
            yield "tts", dice.uniform(8, 150), dice.uniform(3, 60)
            yield "whisperx", dice.uniform(3, 25), dice.uniform(3, 90)
            yield "whisperx", dice.uniform(3, 20), dice.uniform(20, 480)

    def _batch(self) -> Iterator[Step]:
        """Long requests one behind the other."""
        dice = self._dice
        left = dice.uniform(0.5, 6) * HOUR
        while left > 0:
            seconds = dice.uniform(120, 30 * MINUTE)
            left -= seconds
            yield "tts", seconds, dice.uniform(0, 5)
            if dice.random() < 0.3:
                yield "whisperx", dice.uniform(10, 300), dice.uniform(0, 5)

    def _work(self, steps: Iterator[Step]) -> None:
        """The next step, and the rest when it is done."""
        step = next(steps, None)
        if step is None:
            if self._dice.random() < self._rates.comes_back:
                self._come_back()
            return
        server, seconds, pause = step
        rest = partial(self._clock.after, pause, partial(self._work, steps))
        self._callers.call(server, seconds, rest)

    def _come_back(self) -> None:
        """One or some, when the GPU is just about to be stopped."""
        seconds = self._idle_seconds + self._dice.uniform(-60, 180)
        clients = 1 if self._dice.random() < 0.6 else self._dice.randint(2, 8)
        self._clock.after(seconds, partial(self._burst, clients))

    def _burst(self, clients: int) -> None:
        for _ in range(clients):
            server = "tts" if self._dice.random() < 0.7 else "whisperx"
            call = partial(self._callers.call, server, self._dice.uniform(5, 90), _nothing)
            self._clock.after(self._dice.uniform(0, 20), call)


def _nothing() -> None:
    return
