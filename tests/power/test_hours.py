"""The month's instance hours: counted once, however often one looks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from power.hours import counted
from power.memory import MonthHours

HOUR = 3600.0
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC).timestamp()


def test_an_hour_costs_its_price_however_often_it_is_looked_at() -> None:
    hours = MonthHours()
    for minute in range(61):
        hours = counted(hours, {"i-1": (NOON, 0.5)}, NOON + minute * 60)
    again = counted(hours, {"i-1": (NOON, 0.5)}, NOON + HOUR)
    assert again.spent_usd() == pytest.approx(0.5)


def test_an_instance_that_is_gone_stays_counted() -> None:
    hours = counted(MonthHours(), {"i-1": (NOON, 0.5)}, NOON + HOUR)
    hours = counted(hours, {}, NOON + 5 * HOUR)
    hours = counted(hours, {"i-2": (NOON + 6 * HOUR, 1.0)}, NOON + 7 * HOUR)
    assert hours.spent_usd() == pytest.approx(1.5)


def test_a_fallback_on_demand_keeps_the_price_that_an_instance_was_first_seen_with() -> None:
    hours = counted(MonthHours(), {"i-1": (NOON, 0.2)}, NOON)
    hours = counted(hours, {"i-1": (NOON, 0.5)}, NOON + HOUR)
    assert hours.spent_usd() == pytest.approx(0.2)


def test_a_new_month_begins_at_its_first_second() -> None:
    end = datetime(2026, 12, 1, tzinfo=UTC).timestamp()
    hours = counted(MonthHours(), {"i-1": (end - 2 * HOUR, 0.5)}, end - HOUR)
    assert hours.spent_usd() == pytest.approx(0.5)
    hours = counted(hours, {"i-1": (end - 2 * HOUR, 0.5)}, end + HOUR)
    assert hours.month == "2026-12"
    assert hours.spent_usd() == pytest.approx(0.5)
    assert counted(hours, {}, end + 40 * 24 * HOUR).spent_usd() == 0


def test_nothing_changes_while_nothing_runs() -> None:
    hours = counted(MonthHours(), {"i-1": (NOON, 0.5)}, NOON + HOUR)
    assert counted(hours, {}, NOON + 2 * HOUR) is hours
