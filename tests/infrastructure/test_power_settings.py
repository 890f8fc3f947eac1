"""The section `power`: what is refused, and what the functions are told."""

from __future__ import annotations

import io
from dataclasses import fields
from datetime import datetime
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config.power import PowerSettings
from config.schedule import Window, weekly_time, window
from config.settings import ConfigError
from config.zones import SINCE, zone_file, zone_names
from power.policy import Policy
from stacks.parts.power_variables import NOT_POLICY
from tests.infrastructure.stacks_under_test import release, settings
from tests.infrastructure.test_settings_files import refusal

DAY = 86400


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"idle_minutes": 0}, "power.idle_minutes: Input should be greater than 0"),
        ({"idle_minutes": float("inf")}, "power.idle_minutes: Input should be a finite number"),
        ({"idle_minute": 5}, "power.idle_minute is not a setting. Did you mean idle_minutes?"),
        ({"hard_cap_hours": 0.2}, "hard_cap_hours: 0.2 h end the GPU before idle_minutes, 15"),
        ({"hard_cap_hours": 0.5}, "hold no start and stop"),
        ({"most_lease_hours": 13}, "the hard cap of 12 h ends a lease of 13 h"),
        ({"start_deadline_minutes": 19}, "servers.start_minutes, 20, still allows"),
        ({"spot_fallback_minutes": 25}, "the start is given up first"),
        ({"most_backoff_minutes": 5}, "most_backoff_minutes: is below backoff_minutes, 15"),
        ({"budget_batches_percent": 90, "budget_stop_percent": 80}, "90 comes after the stop at"),
        ({"budget_usd": -1}, "power.budget_usd"),
        (
            {"schedule": {"time_zone": "Europe/Berlim"}},
            "power.schedule.time_zone: Europe/Berlim is no time zone of the IANA list, such as "
            "Europe/Berlin; did you mean Europe/Berlin?",
        ),
        ({"schedule": {"time_zone": "new york"}}, "did you mean America/New_York?"),
        ({"schedule": {"start": ["MON-FRI 8:00"]}}, "is no weekly time such as MON-FRI 08:00"),
        ({"schedule": {"start": ["MON-FRI 24:00"]}}, "is no weekly time"),
        ({"schedule": {"stop": ["MO-FRI 08:00"]}}, "'MO' is no day; the days are MON, TUE"),
        ({"schedule": {"quiet": ["MON-SUN 22:00"]}}, "is no part of the week such as"),
        (
            {"schedule": {"start": ["MON-FRI 08:00"], "stop": ["FRI,SAT 08:00"]}},
            "stop: FRI,SAT 08:00 is a time of a start too",
        ),
    ],
)
def test_a_contradiction_is_refused_with_a_sentence(changes: dict[str, Any], said: str) -> None:
    assert said in refusal({"power": changes})


def test_a_slot_whose_start_may_take_longer_than_the_deadline_is_refused() -> None:
    own = {"slots": {"green": {"settings": {"servers": {"start_minutes": 40}}}}}
    released = release(own)
    with pytest.raises(ConfigError, match=r"slots\.green\.settings:\n  .*servers\.start_minutes"):
        released.slot_settings("green", settings())


def test_days_are_ranges_and_lists_and_go_over_the_weekend() -> None:
    assert weekly_time("SAT-MON,WED 10:30").days == ("MON", "WED", "SAT", "SUN")
    assert weekly_time("SAT-MON,WED 10:30").minute == 630
    assert window("FRI 22:00-06:15") == Window(("FRI",), 1320, 375)


def test_the_policy_is_what_the_controller_knows_and_has_its_defaults() -> None:
    ours = PowerSettings()
    known = {field.name for field in fields(Policy)}
    assert known == set(PowerSettings.model_fields) - NOT_POLICY
    for field in fields(Policy):
        # By itself the controller never falls back; the settings do.
        if field.name != "spot_fallback_minutes":
            assert field.default == getattr(ours, field.name), field.name


@pytest.mark.parametrize("letter", sorted({name[0] for name in zone_names()}))
def test_the_shortened_file_of_a_zone_tells_the_same_time(letter: str) -> None:
    for name in (each for each in zone_names() if each.startswith(letter)):
        whole = resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
        long = ZoneInfo.from_file(io.BytesIO(whole))
        short = ZoneInfo.from_file(io.BytesIO(zone_file(name)))
        for day in range(0, 20 * 365, 5):
            at = SINCE + day * DAY + 3600 * (day % 24)
            told = [datetime.fromtimestamp(at, zone).isoformat() for zone in (long, short)]
            assert told[0] == told[1], name
