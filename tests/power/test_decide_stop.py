"""When a slot that is on is stopped, and what keeps it on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from power.decide import decide
from power.model import Budget, Facts, ServerFacts, Stop, StopWish
from tests.power.facts import HOUR, MINUTE, NOW, POLICY, lease, on, record, server, wish


def action(facts: Facts) -> str:
    return decide(facts, NOW).action


def test_idle_for_the_limit_is_stopped_and_not_a_second_earlier() -> None:
    assert action(on(14.99)) == "stay"
    decision = decide(on(15), NOW)
    assert (decision.action, decision.kind) == ("stop", "idle")
    assert action(on(6, policy=replace(POLICY, idle_minutes=5))) == "stop"


def test_the_busier_server_counts() -> None:
    servers = {"tts": server(60), "whisperx": server(3)}
    assert action(on(servers=servers)) == "stay"


@pytest.mark.parametrize("missing", ["tts", "whisperx"])
@pytest.mark.parametrize(
    "seen", [ServerFacts(), server(60, age_minutes=5.1), server(60, age_minutes=600)]
)
def test_missing_or_stale_news_of_either_server_keeps_it_on(
    missing: str, seen: ServerFacts
) -> None:
    servers = {"tts": server(60), "whisperx": server(60), missing: seen}
    decision = decide(on(servers=servers), NOW)
    assert decision.action == "stay"
    assert missing in decision.reason


def test_no_news_at_all_keeps_it_on() -> None:
    assert action(on(servers={})) == "stay"


@pytest.mark.parametrize("work", [{"in_flight": 1}, {"queue_depth": 2}])
def test_work_under_way_keeps_it_on(work: dict[str, int]) -> None:
    servers = {"tts": server(60), "whisperx": server(60, **work)}
    assert action(on(servers=servers)) == "stay"


def test_idle_time_counts_from_the_end_of_the_start_and_from_the_last_call() -> None:
    young = record("on", started_at=NOW - 20 * MINUTE)
    assert action(on(60, record=young)) == "stay"
    assert action(on(60, wish=wish(14))) == "stay"
    assert action(on(60, wish=wish(16))) == "stop"


def test_a_trial_slot_is_on_as_long_as_the_main_one_is_used() -> None:
    assert action(on(60, partner_last_request_at=NOW - 3 * MINUTE)) == "stay"
    assert action(on(60, partner_last_request_at=NOW - 20 * MINUTE)) == "stop"


def test_a_lease_holds_it_until_it_ends() -> None:
    decision = decide(on(60, leases=(lease(5),)), NOW)
    assert decision.action == "stay"
    assert "alice" in decision.reason
    assert action(on(60, leases=(lease(0),))) == "stop"
    assert action(replace(on(60, leases=(lease(5),)), live=False)) == "stop"


def test_the_hard_cap_ends_it_whatever_holds_it() -> None:
    old = record("on", started_at=NOW - 11.84 * HOUR)
    facts = on(0, record=old, leases=(lease(500, override=True),), servers={})
    decision = decide(facts, NOW)
    assert (decision.action, decision.kind) == ("close", "cap")
    assert decision.deadline == pytest.approx(NOW + 0.16 * HOUR)
    younger = record("on", started_at=NOW - 11.83 * HOUR)
    assert action(on(0, record=younger)) == "stay"


def test_the_hard_cap_counts_through_a_replaced_instance() -> None:
    moved = replace(record("starting", started_at=NOW - 12 * HOUR), asked_at=NOW - MINUTE)
    assert action(on(0, record=moved, ready=False)) == "close"


def test_an_operator_s_stop_needs_no_idle_time() -> None:
    stop = StopWish(NOW - MINUTE, "bob", NOW + 30 * MINUTE)
    decision = decide(on(0, stop_wish=stop), NOW)
    assert (decision.action, decision.kind) == ("stop", "operator")
    assert action(on(0, stop_wish=stop, servers={})) == "stop"


def test_a_later_call_a_later_lease_and_time_undo_an_operator_s_stop() -> None:
    stop = StopWish(NOW - 10 * MINUTE, "bob", NOW + 20 * MINUTE)
    assert action(on(0, stop_wish=stop, wish=wish(9))) == "stay"
    assert action(on(0, stop_wish=stop, wish=wish(11))) == "stop"
    assert action(on(0, stop_wish=stop, leases=(lease(60, made_minutes_ago=9),))) == "stay"
    assert action(on(0, stop_wish=stop, leases=(lease(60, made_minutes_ago=11),))) == "stop"
    assert action(on(0, stop_wish=replace(stop, until=NOW))) == "stay"


def test_a_stop_of_before_this_start_is_over() -> None:
    stop = StopWish(NOW - 3 * HOUR, "bob", NOW + HOUR)
    assert action(on(0, stop_wish=stop)) == "stay"


def test_a_scheduled_stop_waits_for_a_pause_and_for_leases() -> None:
    stop = StopWish(NOW - MINUTE, "schedule", NOW + HOUR, "schedule", quiet_seconds=180)
    assert action(on(2, stop_wish=stop)) == "stay"
    decision = decide(on(3, stop_wish=stop), NOW)
    assert (decision.action, decision.kind) == ("stop", "schedule")
    assert action(on(3, stop_wish=stop, leases=(lease(60),))) == "stay"
    assert action(on(3, stop_wish=stop, servers={})) == "stay"


def test_a_spent_budget_closes_it_after_what_is_under_way() -> None:
    policy = replace(POLICY, budget_usd=50)
    facts = on(0, policy=policy, budget=Budget(50, 50))
    decision = decide(facts, NOW)
    assert (decision.action, decision.kind) == ("close", "budget")
    assert decision.deadline == NOW + 10 * MINUTE
    assert action(replace(facts, budget=Budget(49.9, 50))) == "stay"
    assert action(replace(facts, leases=(lease(60, override=True),))) == "stay"


def test_servers_that_are_not_ready_for_long_are_closed() -> None:
    short = record("on", cold_since=NOW - 25 * MINUTE)
    assert action(on(60, record=short, ready=False)) == "stay"
    long = record("on", cold_since=NOW - 25.1 * MINUTE)
    decision = decide(on(60, record=long, ready=False), NOW)
    assert (decision.action, decision.kind) == ("close", "unreachable")
    assert decide(on(0, record=long, ready=True), NOW).action == "stay"


def test_servers_that_work_are_not_cut_for_a_neighbour_that_is_not_ready() -> None:
    long = record("on", cold_since=NOW - 40 * MINUTE)
    servers = {"tts": server(0, in_flight=1), "whisperx": ServerFacts()}
    assert action(on(record=long, ready=False, servers=servers)) == "stay"
    old = {"tts": server(0, in_flight=1, age_minutes=6), "whisperx": ServerFacts()}
    assert action(on(record=long, ready=False, servers=old)) == "close"


def test_a_stop_that_waits_hides_no_dead_servers() -> None:
    dead = record("on", cold_since=NOW - 40 * MINUTE)
    stop = StopWish(NOW - MINUTE, "schedule", NOW + HOUR, "schedule")
    assert action(on(60, record=dead, ready=False, stop_wish=stop)) == "close"


def test_a_hard_cap_that_is_found_late_leaves_time_for_what_is_under_way() -> None:
    old = record("on", started_at=NOW - 14 * HOUR)
    decision = decide(on(0, record=old), NOW)
    assert (decision.action, decision.deadline) == ("close", NOW + 10 * MINUTE)


def test_a_reclaimed_instance_is_replaced() -> None:
    assert action(on(0, interrupted=("i-1",))) == "replace"


def test_what_was_turned_off_elsewhere_is_followed() -> None:
    decision = decide(on(0, group_count=0), NOW)
    assert (decision.action, decision.kind) == ("lower", "elsewhere")


def test_closing_waits_for_work_until_its_deadline() -> None:
    closing = record("closing", stop=Stop("cap", "Too long.", NOW - MINUTE, deadline=NOW + 1))
    assert action(on(0, record=closing)) == "close"
    assert decide(on(0, record=closing), NOW + 1).action == "lower"


def test_leaving_lowers_what_a_crash_left_and_ends_with_the_instance() -> None:
    leaving = record("leaving", stop=Stop("idle", "", NOW - MINUTE))
    assert action(on(0, record=leaving)) == "lower"
    assert action(on(0, record=leaving, group_count=0)) == "lower"
    rest = on(0, record=leaving, group_count=0, service_count=0)
    assert action(rest) == "stay"
    assert action(replace(rest, instances=0)) == "off"
    assert action(replace(rest, instances=0, wish=wish(0))) == "off"
