"""When a slot that is off is started, and what happens until it is warm."""

from __future__ import annotations

from dataclasses import replace

import pytest

from power.decide import decide
from power.model import Budget, Facts, Stop, StopKind, StopWish
from power.policy import Policy
from tests.power.facts import MINUTE, NOW, POLICY, lease, off, record, starting, wish

SPENT = Budget(spent_usd=100, limit_usd=100)
BUDGET = replace(POLICY, budget_usd=100)


def action(facts: Facts) -> str:
    return decide(facts, NOW).action


def test_nobody_needs_it_and_it_stays_off() -> None:
    assert action(off()) == "stay"


def test_a_call_with_a_key_starts_it() -> None:
    decision = decide(off(wish=wish(0)), NOW)
    assert decision.action == "start"
    assert "alice" in decision.reason


def test_a_call_before_the_last_stop_was_answered_by_it() -> None:
    stopped = record("off", stop=Stop("idle", "", NOW - 5 * MINUTE))
    assert action(off(record=stopped, wish=wish(6))) == "stay"
    assert action(off(record=stopped, wish=wish(4))) == "start"


def test_a_stop_takes_an_earlier_call_back_and_no_later_one() -> None:
    stop = StopWish(NOW - 5 * MINUTE, "bob", NOW + 25 * MINUTE)
    assert action(off(wish=wish(6), stop_wish=stop)) == "stay"
    assert action(off(wish=wish(4), stop_wish=stop)) == "start"
    assert action(off(wish=wish(6), stop_wish=replace(stop, until=NOW))) == "start"
    assert action(off(leases=(lease(60, made_minutes_ago=6),), stop_wish=stop)) == "stay"


def test_a_call_that_nobody_answered_lapses_after_half_an_hour() -> None:
    assert action(off(wish=wish(29))) == "start"
    assert action(off(wish=wish(31))) == "stay"


def test_a_lease_starts_it_once_and_only_the_live_slots() -> None:
    assert action(off(leases=(lease(60),))) == "start"
    capped = record("off", stop=Stop("cap", "", NOW - 5 * MINUTE))
    assert action(off(record=capped, leases=(lease(60),))) == "stay"
    assert action(off(leases=(lease(-1),))) == "stay"
    assert action(replace(off(leases=(lease(60),)), live=False)) == "stay"


def test_in_quiet_hours_only_an_explicit_start_or_a_lease_wakes_it() -> None:
    assert action(off(wish=wish(0), quiet=True)) == "stay"
    assert action(off(wish=wish(0, urgent=True), quiet=True)) == "start"
    assert action(off(leases=(lease(60),), quiet=True)) == "start"


def test_after_a_failed_start_it_waits_unless_asked_explicitly() -> None:
    failed = record("off", failures=1, retry_at=NOW + 9 * MINUTE)
    decision = decide(off(record=failed, wish=wish(0)), NOW)
    assert decision.action == "stay"
    assert "9 min" in decision.reason
    assert action(off(record=failed, wish=wish(0, urgent=True))) == "start"
    over = record("off", failures=1, retry_at=NOW)
    assert action(off(record=over, wish=wish(0))) == "start"


def test_the_pause_doubles_with_each_failure_up_to_a_limit() -> None:
    policy = Policy(backoff_minutes=15, most_backoff_minutes=240)
    minutes = [policy.backoff_seconds(n) / MINUTE for n in (1, 2, 3, 5, 6, 500)]
    assert minutes == [15, 30, 60, 240, 240, 240]


def test_a_spent_budget_keeps_it_off_unless_a_lease_goes_past_it() -> None:
    facts = off(wish=wish(0, urgent=True), budget=SPENT, policy=BUDGET)
    assert action(facts) == "stay"
    assert action(replace(facts, leases=(lease(60, override=True),))) == "start"
    assert action(replace(facts, leases=(lease(60),))) == "stay"


def test_what_was_turned_on_elsewhere_is_watched_from_then_on() -> None:
    assert action(off(group_count=1)) == "adopt"
    assert action(off(group_count=1, service_count=1, instances=1)) == "adopt"


def test_an_instance_that_still_ends_is_not_taken_for_one_that_was_turned_on() -> None:
    assert action(off(instances=1)) == "stay"
    assert action(off(instances=1, wish=wish(0))) == "stay"


def test_a_task_that_can_never_run_is_taken_back() -> None:
    assert action(off(service_count=1)) == "lower"


def test_both_servers_ready_is_warm() -> None:
    assert action(starting(4)) == "stay"
    assert action(starting(4, ready=None)) == "stay"
    assert action(starting(4, ready=True)) == "warm"


def test_a_start_that_takes_too_long_is_given_up() -> None:
    assert action(starting(25)) == "stay"
    assert decide(starting(25.1), NOW).action == "fail"
    assert action(starting(25.1, ready=True)) == "warm"


def test_a_start_that_lost_its_task_count_gets_it_back() -> None:
    assert action(starting(2, service_count=0)) == "raise"


def test_a_start_that_was_taken_back_elsewhere_is_over() -> None:
    decision = decide(starting(2, group_count=0), NOW)
    assert (decision.action, decision.kind) == ("lower", "elsewhere")


def test_an_operator_stops_a_start_at_once() -> None:
    stop = StopWish(NOW - MINUTE, "bob", NOW + 30 * MINUTE)
    assert action(starting(2, stop_wish=stop)) == "lower"
    assert action(starting(2, stop_wish=stop, wish=wish(0))) == "stay"
    earlier = replace(stop, at=NOW - 3 * MINUTE)
    assert action(starting(2, stop_wish=earlier)) == "stay"


@pytest.mark.parametrize(
    ("minutes", "spot", "fallback", "instances", "expected"),
    [
        (6, True, 5, 0, "fall back"),
        (4, True, 5, 0, "stay"),
        (6, True, 0, 0, "stay"),
        (6, False, 5, 0, "stay"),
        (6, True, 5, 1, "stay"),
    ],
)
def test_without_a_spot_instance_one_on_demand_is_taken_by_setting(
    minutes: float, spot: bool, fallback: float, instances: int, expected: str
) -> None:
    policy = replace(POLICY, spot_fallback_minutes=fallback)
    assert action(starting(minutes, spot=spot, policy=policy, instances=instances)) == expected


def test_the_fallback_is_asked_for_until_an_instance_is_there() -> None:
    policy = replace(POLICY, spot_fallback_minutes=5)
    bought = record("starting", started_at=NOW - 6 * MINUTE, on_demand=True)
    facts = starting(6, spot=True, policy=policy, instances=0, record=bought)
    assert action(facts) == "fall back"
    assert action(replace(facts, instances=1)) == "stay"


def test_nobody_can_tell_whether_it_is_ready_is_no_failed_start() -> None:
    assert action(starting(40, ready=None)) == "stay"
    assert action(starting(40, ready=False)) == "fail"


@pytest.mark.parametrize("kind", ["failed", "elsewhere", "unreachable"])
def test_a_lease_outlives_stops_that_nobody_asked_for(kind: StopKind) -> None:
    stopped = record("off", stop=Stop(kind, "", NOW - 5 * MINUTE))
    assert action(off(record=stopped, leases=(lease(60),))) == "start"
    assert action(off(record=stopped)) == "stay"
    pausing = replace(stopped, failures=1, retry_at=NOW + 60)
    assert action(off(record=pausing, leases=(lease(60),))) == "stay"


@pytest.mark.parametrize("kind", ["cap", "budget", "operator", "schedule"])
def test_a_lease_of_before_starts_nothing_after_a_stop_that_overruled_it(kind: StopKind) -> None:
    stopped = record("off", stop=Stop(kind, "", NOW - 5 * MINUTE))
    assert action(off(record=stopped, leases=(lease(60),))) == "stay"


def test_a_reclaimed_instance_is_replaced_before_it_was_warm() -> None:
    assert action(starting(2, interrupted=("i-1",), ready=True)) == "replace"
