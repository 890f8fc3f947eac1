"""Quiet hours by the clock on the wall, through midnight and summer time."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from power.quiet import DAYS, QuietWindow, is_quiet, zone_from

BERLIN = ZoneInfo("Europe/Berlin")
NIGHTS = (QuietWindow(("MON", "TUE", "WED", "THU"), 22 * 60, 6 * 60),)
WEEKEND = (QuietWindow(("SAT", "SUN"), 0, 0),)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()


@pytest.mark.parametrize(
    ("text", "quiet"),
    [
        ("2026-11-24T21:59", False),
        ("2026-11-24T22:00", True),
        ("2026-11-25T05:59", True),
        ("2026-11-25T06:00", False),
        ("2026-11-27T03:00", True),  # Friday morning belongs to Thursday's night
        ("2026-11-27T23:00", False),
        ("2026-11-23T03:00", False),  # Monday morning belongs to Sunday's night
    ],
)
def test_a_night_begins_on_its_day_and_ends_on_the_next(text: str, quiet: bool) -> None:
    assert is_quiet(NIGHTS, BERLIN, at(text)) is quiet


def test_a_window_from_midnight_to_midnight_is_the_whole_day() -> None:
    assert is_quiet(WEEKEND, BERLIN, at("2026-11-28T00:00"))
    assert is_quiet(WEEKEND, BERLIN, at("2026-11-29T23:59"))
    assert not is_quiet(WEEKEND, BERLIN, at("2026-11-30T00:00"))
    assert not is_quiet(WEEKEND, BERLIN, at("2026-11-27T23:59"))


def test_the_clock_on_the_wall_counts_in_summer_too() -> None:
    window = (QuietWindow(DAYS, 22 * 60, 23 * 60),)
    summer = datetime(2026, 7, 1, 20, 30, tzinfo=UTC).timestamp()
    winter = datetime(2026, 12, 1, 20, 30, tzinfo=UTC).timestamp()
    assert is_quiet(window, BERLIN, summer)
    assert not is_quiet(window, BERLIN, winter)


def test_a_zone_travels_as_a_file() -> None:
    raw = files("tzdata.zoneinfo.Europe").joinpath("Berlin").read_bytes()
    zone = zone_from(base64.b64encode(raw).decode())
    for moment in (at("2026-07-01T12:00"), at("2026-12-01T12:00")):
        offset = datetime.fromtimestamp(moment, zone).utcoffset()
        assert offset == datetime.fromtimestamp(moment, BERLIN).utcoffset()


def test_without_windows_nothing_is_quiet() -> None:
    assert not is_quiet((), UTC, 0.0)
