"""What the table holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from power.model import Lease, SlotRecord, StopWish, Wish

# Whom a wish is for: the slots that callers reach, the one behind the header, or one by name.
LIVE, IDLE = "live", "idle"
KEPT_STARTS = 50


@dataclass(frozen=True, slots=True)
class Notice:
    """AWS said that it takes this Spot instance back."""

    instance: str
    at: float


@dataclass(frozen=True, slots=True)
class PastStart:
    """When each stage of one start was reached."""

    slot: str
    asked_at: float
    stages: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class InstanceHours:
    """One instance as it was seen: launched, last seen, dollars an hour."""

    launched_at: float
    seen_at: float
    price: float


@dataclass(frozen=True, slots=True)
class MonthHours:
    """The instances of one month (`2026-11`, in UTC) by id."""

    month: str = ""
    instances: Mapping[str, InstanceHours] = field(default_factory=dict)

    def spent_usd(self) -> float:
        """Of this month alone: an instance from the month before counts from its first second."""
        begin = month_start(self.month) if self.month else 0.0
        return sum(
            max(0.0, one.seen_at - max(one.launched_at, begin)) / 3600 * one.price
            for one in self.instances.values()
        )


@dataclass(frozen=True, slots=True)
class Memory:
    records: Mapping[str, SlotRecord] = field(default_factory=dict)
    wishes: Mapping[str, Wish] = field(default_factory=dict)
    stop_wishes: Mapping[str, StopWish] = field(default_factory=dict)
    leases: tuple[Lease, ...] = ()
    notices: tuple[Notice, ...] = ()
    starts: tuple[PastStart, ...] = ()
    hours: MonthHours = MonthHours()
    # Set while the stack is being deleted: no rule is made any more.
    retired: bool = False


def month_of(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m")


def month_start(month: str) -> float:
    return datetime.strptime(f"{month}-01", "%Y-%m-%d").replace(tzinfo=UTC).timestamp()
