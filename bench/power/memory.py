"""The table: what the store's port, the front and people write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from power.collect import URGENT
from power.memory import KEPT_STARTS, Memory, MonthHours, Notice, PastStart
from power.model import Lease, SlotRecord, StopWish, Wish


class Table:
    """`read()` gives one state of everything, as a consistent scan does."""

    def __init__(self, wrote: Callable[[str], None]) -> None:
        self._memory = Memory()
        self._wrote = wrote
        self._knocked: dict[str, float] = {}
        self.owner = ""
        self.locked_until = 0.0

    def read(self) -> Memory:
        return self._memory

    def put_record(self, slot: str, record: SlotRecord) -> None:
        self._memory = replace(self._memory, records={**self._memory.records, slot: record})
        self._wrote(slot)

    def put_wish(self, target: str, wish: Wish) -> None:
        """The newest stays; urgent ones have a place of their own."""
        name = target + URGENT if wish.urgent else target
        before = self._memory.wishes.get(name)
        if before is None or before.at < wish.at:
            self._memory = replace(self._memory, wishes={**self._memory.wishes, name: wish})

    def knock(self, target: str, at: float, since: float) -> bool:
        """Of many at once, one is the first."""
        if self._knocked.get(target, 0.0) > since:
            return False
        self._knocked[target] = at
        return True

    def put_stop_wish(self, target: str, wish: StopWish) -> None:
        before = self._memory.stop_wishes.get(target)
        if before is None or before.at < wish.at:
            wishes = {**self._memory.stop_wishes, target: wish}
            self._memory = replace(self._memory, stop_wishes=wishes)

    def put_notice(self, notice: Notice) -> None:
        rest = tuple(one for one in self._memory.notices if one.instance != notice.instance)
        self._memory = replace(self._memory, notices=(*rest, notice))

    def drop_notice(self, instance: str) -> None:
        rest = tuple(one for one in self._memory.notices if one.instance != instance)
        self._memory = replace(self._memory, notices=rest)

    def put_start(self, start: PastStart) -> None:
        starts = (*self._memory.starts, start)[-KEPT_STARTS:]
        self._memory = replace(self._memory, starts=starts)

    def put_hours(self, hours: MonthHours) -> None:
        self._memory = replace(self._memory, hours=hours)

    def put_lease(self, lease: Lease) -> None:
        rest = tuple(
            one
            for one in self._memory.leases
            if one.id != lease.id and one.expires_at > lease.created_at
        )
        self._memory = replace(self._memory, leases=(*rest, lease))

    def extend_lease(self, lease: Lease) -> bool:
        if all(one.id != lease.id for one in self._memory.leases):
            return False
        self.put_lease(lease)
        return True

    def drop_lease(self, lease_id: str) -> None:
        rest = tuple(one for one in self._memory.leases if one.id != lease_id)
        self._memory = replace(self._memory, leases=rest)

    def lock(self, owner: str, now: float, seconds: float) -> bool:
        if self.locked_until > now and self.owner != owner:
            return False
        self.owner, self.locked_until = owner, now + seconds
        return True

    def unlock(self, owner: str) -> None:
        if self.owner == owner:
            self.locked_until = 0.0
