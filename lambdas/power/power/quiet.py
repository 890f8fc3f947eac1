"""Quiet hours: the part of the week in which only an explicit start wakes the GPU."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


@dataclass(frozen=True, slots=True)
class QuietWindow:
    """On these days from `begin` to `end`, in minutes since local midnight. A window that ends
    before it begins, or when it begins, goes on into the next day."""

    days: tuple[str, ...]
    begin: int
    end: int

    def covers(self, local: datetime) -> bool:
        minute = local.hour * 60 + local.minute
        today, yesterday = DAYS[local.weekday()], DAYS[local.weekday() - 1]
        if self.begin < self.end:
            return today in self.days and self.begin <= minute < self.end
        return (today in self.days and minute >= self.begin) or (
            yesterday in self.days and minute < self.end
        )


def is_quiet(windows: Sequence[QuietWindow], zone: tzinfo, now: float) -> bool:
    local = datetime.fromtimestamp(now, zone)
    return any(window.covers(local) for window in windows)


def zone_from(encoded: str) -> tzinfo:
    """The time zone of a base64 TZif file (RFC 8536): a function's image need not know it."""
    return ZoneInfo.from_file(io.BytesIO(base64.b64decode(encoded)), key="schedule")
