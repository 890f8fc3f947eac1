"""What the controller needs of the world: AWS and the servers, or their simulation.

Every call may raise `Unreachable`; a call that changes something is safe to repeat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from power.memory import Memory, MonthHours, Notice, PastStart
from power.model import ServerFacts, SlotRecord, StopWish, Wish


class Unreachable(Exception):
    """AWS, the table or a server did not answer as it should; nothing is known of the outcome."""


@dataclass(frozen=True, slots=True)
class SlotState:
    """A slot as AWS describes it. `instances` gives the launch time of each that costs money;
    `ready` is True when both target groups have a healthy target on an instance of the group that
    nobody takes back. `stages` are those of the start under way that have been reached, by time.
    """

    service_count: int
    group_count: int
    instances: Mapping[str, float]
    ready: bool | None
    stages: Mapping[str, float] = field(default_factory=dict)
    draining: bool = False


@dataclass(frozen=True, slots=True)
class ActivityNow:
    """What a server says of itself."""

    in_flight: int
    queue_depth: int
    seconds_since_last_request: float


@dataclass(frozen=True, slots=True)
class SleepRule:
    """A listener rule of the controller's own. `audience`: callers of the live slots, or of the
    idle slot under its header. `to`: the front function, or a slot that takes the other's calls."""

    audience: str
    server: str | None = None
    to: str = "front"


class Cloud(Protocol):
    def weights(self) -> dict[str, int]:
        """Share of the callers' requests of each slot, as the template's rules say."""

    def state(self, slot: str, record: SlotRecord) -> SlotState: ...

    def metrics(self, slot: str, now: float) -> dict[str, ServerFacts]: ...

    def turn_on(self, slot: str) -> None:
        """Both counts to 1."""

    def turn_off(self, slot: str) -> None:
        """Container instances to DRAINING, then both counts to 0."""

    def replace(self, slot: str, instance: str) -> None:
        """Take an instance out of its group, which starts another at once."""

    def terminate(self, instance: str) -> None: ...

    def buy(self, slot: str, on_demand: bool) -> None:
        """Whether the group's next instance is on demand or Spot."""

    def sleep_rules(self) -> set[SleepRule]: ...

    def put_sleep_rule(self, rule: SleepRule) -> None: ...

    def drop_sleep_rule(self, rule: SleepRule) -> None: ...


class Servers(Protocol):
    """The servers of a slot, with the service key. A missing server did not answer."""

    def activity(self, slot: str) -> dict[str, ActivityNow]: ...

    def drain(self, slot: str, seconds: float) -> dict[str, bool]:
        """For each server that answered, whether the lease was granted."""

    def resume(self, slot: str) -> None: ...

    def refuse_batches(self, slot: str, seconds: float, why: str) -> None: ...


class Store(Protocol):
    def read(self) -> Memory: ...

    def put_record(self, slot: str, record: SlotRecord) -> None: ...

    def put_wish(self, target: str, wish: Wish) -> None:
        """The newest stays; an urgent one too, unless it is over."""

    def put_stop_wish(self, target: str, wish: StopWish) -> None: ...

    def put_notice(self, notice: Notice) -> None: ...

    def drop_notice(self, instance: str) -> None: ...

    def put_start(self, start: PastStart) -> None: ...

    def put_hours(self, hours: MonthHours) -> None: ...

    def lock(self, owner: str, now: float, seconds: float) -> bool:
        """Take the lock unless somebody else holds it. It ends by itself."""

    def unlock(self, owner: str) -> None: ...
