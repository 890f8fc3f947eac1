"""Instance hours of a month, counted from what was seen, so that a repeated look adds nothing."""

from __future__ import annotations

from collections.abc import Mapping

from power.memory import InstanceHours, MonthHours, month_of


def counted(hours: MonthHours, seen: Mapping[str, tuple[float, float]], now: float) -> MonthHours:
    """The month's hours with the instances that run now: (launch time, dollars an hour) by id.

    The same object when nothing changed. A new month begins with the instances that still run.
    """
    month = month_of(now)
    known = hours.instances if hours.month == month else {}
    if not seen:
        return hours if hours.month == month else MonthHours(month)
    instances = dict(known)
    for instance, (launched_at, price) in seen.items():
        before = known.get(instance)
        instances[instance] = InstanceHours(launched_at, now, before.price if before else price)
    return MonthHours(month, instances)
