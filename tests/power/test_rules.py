"""Which callers are answered by the front, and which reach a slot."""

from __future__ import annotations

from power.model import SlotRecord
from power.ports import SleepRule
from power.rules import is_open, wanted_rules

LIVE, IDLE = SleepRule("live"), SleepRule("idle")
SWAPPED = {"blue": 0, "green": 100}
BLUE = {"blue": 100, "green": 0}
TRIAL = {"blue": 90, "green": 10}
BYPASS = {SleepRule("live", "tts", to="blue"), SleepRule("live", "whisperx", to="blue")}


def test_while_both_sleep_all_callers_are_answered() -> None:
    assert wanted_rules(BLUE, {"blue": False, "green": False}, set()) == {LIVE, IDLE}


def test_each_audience_reaches_its_slot_when_that_is_open() -> None:
    assert wanted_rules(BLUE, {"blue": True, "green": False}, {LIVE, IDLE}) == {IDLE}
    assert wanted_rules(BLUE, {"blue": False, "green": True}, set()) == {LIVE}
    assert wanted_rules(BLUE, {"blue": True, "green": True}, {LIVE, IDLE}) == set()


def test_a_swap_turns_the_audiences_around() -> None:
    assert wanted_rules(SWAPPED, {"blue": True, "green": False}, set()) == {LIVE}


def test_while_nobody_can_tell_rules_stay_as_they_are() -> None:
    unknown = {"blue": None, "green": None}
    assert wanted_rules(BLUE, unknown, set()) == set()
    assert wanted_rules(BLUE, unknown, {LIVE}) == {LIVE}
    assert wanted_rules(BLUE, unknown, {LIVE, IDLE}) == {LIVE, IDLE}


def test_a_trial_slot_that_sleeps_leaves_its_calls_to_the_main_one() -> None:
    assert wanted_rules(TRIAL, {"blue": True, "green": False}, set()) == {*BYPASS, IDLE}
    assert wanted_rules(TRIAL, {"blue": True, "green": True}, {*BYPASS, IDLE}) == set()
    assert wanted_rules(TRIAL, {"blue": False, "green": True}, set()) == {LIVE}


def test_only_a_slot_that_was_warm_and_is_ready_is_open() -> None:
    assert is_open(SlotRecord(phase="on"), True) is True
    assert is_open(SlotRecord(phase="on"), False) is False
    assert is_open(SlotRecord(phase="on"), None) is None
    for phase in ("off", "starting", "closing", "leaving"):
        assert is_open(SlotRecord(phase=phase), True) is False
