"""What callers are told about a start is learned from the starts before."""

from __future__ import annotations

import pytest

from power.memory import PastStart
from power.model import STAGES
from power.stages import left, stage_seconds, usual_seconds

NOW = 1_000_000.0


def start(*seconds: float) -> PastStart:
    """A start whose stages were reached so many seconds after it was asked for."""
    return PastStart(
        "blue", NOW, {s: NOW + at for s, at in zip(STAGES, (0, *seconds), strict=True)}
    )


QUICK = start(30, 60, 240, 250, 260, 300)
SLOW = start(90, 130, 400, 420, 430, 500)


def test_before_the_first_start_the_setting_is_told() -> None:
    assert usual_seconds([], 360) == 360
    found = left([], {}, 360, NOW)
    assert (found.usual, found.likely) == (360, 540)
    later = left([], {STAGES[0]: NOW}, 360, NOW + 100)
    assert (later.usual, later.likely) == (260, 440)


def test_afterwards_the_median_and_the_slow_tenth_are() -> None:
    starts = [start(30, 60, 240, 250, 260, total) for total in (300, 310, 320, 330, 900)]
    assert usual_seconds(starts, 360) == 320
    found = left(starts, {}, 360, NOW)
    assert found.usual == 320
    assert found.likely == pytest.approx(330 + 0.6 * (900 - 330))


def test_what_is_left_counts_from_the_last_stage() -> None:
    reached = {"capacity asked": NOW, "instance running": NOW + 90, "agent joined": NOW + 100}
    found = left([QUICK, SLOW], reached, 360, NOW + 110)
    assert found.usual == pytest.approx((240 + 370) / 2 - 10)


def test_a_late_start_may_be_ready_any_moment() -> None:
    reached = {"capacity asked": NOW, "model loading": NOW + 260}
    assert left([QUICK], reached, 360, NOW + 900).usual == 5


def test_a_stage_that_past_starts_did_not_show_falls_back_to_the_setting() -> None:
    short = PastStart("blue", NOW, {"capacity asked": NOW, "warm": NOW + 50})
    assert (
        left([short], {"capacity asked": NOW, "agent joined": NOW + 5}, 360, NOW + 10).usual == 350
    )


def test_each_stage_has_a_median_and_a_slow_tenth() -> None:
    found = stage_seconds([QUICK, SLOW])
    assert found["instance running"] == pytest.approx((60, 30 + 0.9 * 60))
    assert found["warm"][0] == 55
    assert "capacity asked" not in found
    assert stage_seconds([PastStart("blue", NOW, {"warm": NOW})]) == {}
