"""When the GPU starts and stops by the clock, and when callers may not wake it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from config.section import Section
from config.zones import known_zone

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
CLOCK = r"([01]\d|2[0-3]):([0-5]\d)"
TIME = re.compile(rf"(\S+) {CLOCK}")
WINDOW = re.compile(rf"(\S+) {CLOCK}-{CLOCK}")


@dataclass(frozen=True, slots=True)
class WeeklyTime:
    """On these days at a minute since midnight."""

    days: tuple[str, ...]
    minute: int


@dataclass(frozen=True, slots=True)
class Window:
    """On these days from one minute to another; one that ends before it begins ends a day later."""

    days: tuple[str, ...]
    begin: int
    end: int


def weekly_time(text: str) -> WeeklyTime:
    """Raises ValueError."""
    found = TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"{text} is no weekly time such as MON-FRI 08:00 or SAT,SUN 10:30")
    days, hour, minute = found.groups()
    return WeeklyTime(_days(days), 60 * int(hour) + int(minute))


def window(text: str) -> Window:
    """Raises ValueError."""
    found = WINDOW.fullmatch(text)
    if found is None:
        raise ValueError(f"{text} is no part of the week such as MON-SUN 22:00-06:00")
    days, *clock = found.groups()
    begin, begin_minute, end, end_minute = map(int, clock)
    return Window(_days(days), 60 * begin + begin_minute, 60 * end + end_minute)


def _days(text: str) -> tuple[str, ...]:
    """`MON-FRI,SUN` as days in the week's order; `SAT-MON` goes over the weekend."""
    found: set[str] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        for day in (first, last) if dash else (first,):
            if day not in DAYS:
                raise ValueError(f"{day or text!r} is no day; the days are {', '.join(DAYS)}")
        begin = DAYS.index(first)
        count = (DAYS.index(last) - begin) % 7 + 1 if dash else 1
        found |= {DAYS[(begin + step) % 7] for step in range(count)}
    return tuple(day for day in DAYS if day in found)


def _a_time(text: str) -> str:
    weekly_time(text)
    return text


def _a_window(text: str) -> str:
    window(text)
    return text


TimeText = Annotated[str, AfterValidator(_a_time)]
WindowText = Annotated[str, AfterValidator(_a_window)]
ZoneName = Annotated[str, AfterValidator(known_zone)]


class ScheduleSettings(Section):
    time_zone: ZoneName = Field(
        "UTC",
        description="IANA name of the zone of all times here, such as `Europe/Berlin`; summer time "
        "is followed.",
    )
    start: tuple[TimeText, ...] = Field(
        (),
        max_length=10,
        description="When the GPU is started, such as `MON-FRI 08:00`. It stays on as long as it "
        "does for a caller.",
    )
    stop: tuple[TimeText, ...] = Field(
        (),
        max_length=10,
        description="When it is stopped, such as `MON-FRI 19:00`; who works on keeps it until a "
        "pause, and a lease keeps it.",
    )
    quiet: tuple[WindowText, ...] = Field(
        (),
        max_length=10,
        description="Parts of the week in which a call does not wake the GPU, such as "
        "`MON-SUN 22:00-06:00`; a start with `force`, a lease and "
        "the schedule do.",
    )
    stop_quiet_minutes: float = Field(
        3,
        ge=0,
        le=60,
        description="How long a pause a scheduled stop waits for, in minutes.",
    )

    @model_validator(mode="after")
    def _no_stop_at_a_start(self) -> ScheduleSettings:
        starts = {(day, at.minute) for at in map(weekly_time, self.start) for day in at.days}
        for text in self.stop:
            at = weekly_time(text)
            if any((day, at.minute) in starts for day in at.days):
                raise ValueError(f"stop: {text} is a time of a start too; choose another")
        return self
