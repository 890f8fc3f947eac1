"""What the front answers with: the table, the keys, a way to wake the controller, the time."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from power.alb import Request
from power.aws.clients import asked
from power.aws.quick import quick
from power.key_cache import KeyCache
from power.keys import Key, presented
from power.memory import Memory
from power.model import Lease, SlotRecord, StopWish, Wish
from power.ports import Unreachable
from power.quiet import is_quiet
from power.settings import PowerSettings
from power.situation import Situation, Situations, slot_for

log = logging.getLogger()

# What is written now counts from then on: later than the beginning of any look that read the table
# just before it was written, by a clock that differs a little.
AHEAD_SECONDS = 1.0
# Whoever comes so soon after another caller, and after the last stop, finds the controller at work.
AGAIN_SECONDS = 20.0
# Callers without a key see the table as it was; they cannot have it read each time.
OLD_SECONDS = 5.0


class Store(Protocol):
    """The part of the table that the front reads and writes. Raises Unreachable."""

    def read(self) -> Memory: ...

    def put_wish(self, target: str, wish: Wish) -> None: ...

    def put_stop_wish(self, target: str, wish: StopWish) -> None: ...

    def knock(self, target: str, at: float, since: float) -> bool: ...

    def put_lease(self, lease: Lease) -> None: ...

    def extend_lease(self, lease: Lease) -> bool: ...

    def drop_lease(self, lease_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class View:
    """The table now, and how a target stands."""

    memory: Memory
    slot: str
    record: SlotRecord
    now: float
    situation: Situation


class Desk:
    def __init__(
        self,
        settings: PowerSettings,
        store: Store,
        keys: KeyCache,
        *,
        wake: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        self.settings, self.store = settings, store
        self.situations = Situations(
            settings.policy, lambda now: is_quiet(settings.quiet, settings.zone, now)
        )
        self._keys, self._wake, self._clock = keys, wake, clock
        self._read: tuple[float, Memory] | None = None

    def caller(self, request: Request) -> Key | None:
        """The valid key that the request carries. Raises NoKeys."""
        clear = presented(request.headers)
        return None if clear is None else self._keys.find(clear)

    def view(self, target: str, *, fresh: bool = True, urgent: bool = False) -> View:
        """Raises Unreachable."""
        now = self._clock()
        if fresh or self._read is None or not 0 <= now - self._read[0] < OLD_SECONDS:
            self._read = (now, self.store.read())
        memory = self._read[1]
        slot, record = slot_for(target, memory, tuple(self.settings.slots))
        situation = self.situations.of(memory, slot, record, now, urgent=urgent)
        return View(memory, slot, record, now, situation)

    def stamp(self) -> float:
        """The time of what is written now."""
        return self._clock() + AHEAD_SECONDS

    def wish(self, target: str, by: str, view: View) -> None:
        """A plain call: the controller is woken unless that would change nothing."""
        self.store.put_wish(target, Wish(self.stamp(), by))
        if view.record.phase == "starting" or view.situation.state == "backoff":
            return
        stopped = view.record.stop.at if view.record.stop is not None else 0.0
        since = max(stopped, view.now - AGAIN_SECONDS)
        if self.store.knock(target, view.now, since):
            self.wake()

    def wake(self) -> None:
        """The controller looks at once. Where that fails, the sweep finds the same within a
        minute."""
        try:
            self._wake()
        except Unreachable as error:
            log.warning(json.dumps({"message": "controller not woken", "why": str(error)}))


def wake_by(function: str) -> Callable[[], None]:
    """Invokes the controller and waits for nothing. Raises Unreachable."""

    def wake() -> None:
        with asked("waking the controller"):
            quick("lambda").invoke(
                FunctionName=function, InvocationType="Event", Payload=b'{"source": "front"}'
            )

    return wake
