"""Simulated time: whatever is due happens while somebody waits."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from zoneinfo import ZoneInfo

Event = Callable[[], None]
# Where the team works.
ZONE = ZoneInfo("Europe/Berlin")
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


class Clockwork:
    """`now` is in seconds since 1970. An event may wait itself: then whoever waited goes on later,
    as one does who was stalled."""

    def __init__(self, now: float) -> None:
        self.now = now
        self._events: list[tuple[float, int, Event]] = []
        self._count = 0

    def at(self, when: float, event: Event) -> None:
        self._count += 1
        heappush(self._events, (when, self._count, event))

    def after(self, seconds: float, event: Event) -> None:
        self.at(self.now + seconds, event)

    def wait(self, seconds: float) -> None:
        self.wait_until(self.now + seconds)

    def wait_until(self, end: float) -> None:
        events = self._events
        while events and events[0][0] <= end:
            when, _, event = heappop(events)
            if when > self.now:
                self.now = when
            event()
        if end > self.now:
            self.now = end

    def read(self) -> float:
        return self.now
