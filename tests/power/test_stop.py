"""A stop harms nobody, whoever comes and whatever breaks at whichever step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from power.model import Lease, StopWish, Wish
from power.ports import SleepRule, Unreachable
from tests.power.world import NOW, Killed, World, failing

LIVE = SleepRule("live")
STOP_CALLS = ("activity", "drain", "put_sleep_rule", "put_record", "turn_off")


def idle() -> World:
    world = World()
    world.warm(idle_minutes=15)
    return world


def busy_from(world: World, call: str, nth: int = 1) -> None:
    """A request is accepted in front of that call, if anybody would take it."""
    seen = 0

    def before(name: str) -> None:
        nonlocal seen
        seen += name == call
        if name == call and seen == nth and world.takes_work():
            world.blue.servers["tts"].in_flight = 1

    world.before = before


def untouched(world: World) -> bool:
    """On, with its counts, and callers reach it."""
    counts = (world.blue.service, world.blue.group)
    return world.record.phase == "on" and counts == (1, 1) and LIVE not in world.rules


def test_an_idle_slot_is_drained_led_away_from_and_then_lowered() -> None:
    world = idle()
    assert world.look() == "leaving"
    steps = [call for call in world.calls if call in STOP_CALLS]
    asked = ["activity", "drain", "put_sleep_rule", "drain", "activity"]
    assert steps == [*asked, "put_record", "turn_off"]
    assert (world.blue.service, world.blue.group) == (0, 0)
    assert LIVE in world.rules
    assert not world.takes_work()


def test_it_is_off_when_its_instance_is_gone() -> None:
    world = idle()
    world.look()
    world.blue.ready = False
    assert world.look() == "leaving"
    world.blue.instances.clear()
    assert world.look() == "off"
    assert world.record.stop is not None
    assert world.record.stop.kind == "idle"


@pytest.mark.parametrize("server", ["tts", "whisperx"])
def test_a_server_at_work_keeps_both_at_work(server: str) -> None:
    world = idle()
    metrics = world.metrics("blue", NOW)
    world.metrics = lambda slot, now: metrics  # type: ignore[method-assign]
    world.blue.servers[server].in_flight = 1
    world.look()
    assert untouched(world)
    assert "turn_off" not in world.calls


def test_what_the_servers_say_now_counts_more_than_a_metric_of_before() -> None:
    world = idle()
    metrics = world.metrics("blue", NOW)
    world.metrics = lambda slot, now: metrics  # type: ignore[method-assign]
    world.blue.servers["whisperx"].last_request_at = NOW - 60
    world.look()
    assert untouched(world)
    assert "drain" not in world.calls


@pytest.mark.parametrize("server", ["tts", "whisperx"])
def test_a_server_that_cannot_be_asked_keeps_it_on(server: str) -> None:
    world = idle()
    world.blue.servers[server].reachable = False
    world.look()
    assert untouched(world)
    assert world.takes_work("whisperx" if server == "tts" else "tts")


def test_a_request_between_the_question_and_the_drain_keeps_it_on() -> None:
    world = idle()
    busy_from(world, "drain")
    world.look()
    assert untouched(world)
    assert world.blue.servers["whisperx"].drained_until == 0


def test_no_request_gets_in_between_the_two_drains() -> None:
    world = idle()
    busy_from(world, "drain", nth=2)
    assert world.look() == "leaving"
    assert world.blue.servers["tts"].in_flight == 0


def test_a_lease_that_ran_out_between_the_drains_is_noticed() -> None:
    world = idle()

    def before(call: str) -> None:
        if call == "put_sleep_rule":
            world.now += 130
            world.blue.servers["tts"].in_flight = 1

    world.before = before
    world.look()
    assert untouched(world)


@pytest.mark.parametrize("what", ["wish", "lease"])
def test_a_caller_who_comes_during_the_stop_wins(what: str) -> None:
    world = idle()

    def before(call: str) -> None:
        if call == "put_sleep_rule" and what == "wish":
            world.put_wish("live", Wish(world.now, "alice"))
        elif call == "put_sleep_rule":
            world.put_lease(Lease("1", "alice", "demo", world.now, world.now + 3600))

    world.before = before
    world.look()
    assert untouched(world)
    assert world.takes_work()


def test_a_caller_who_comes_after_that_starts_it_again() -> None:
    world = idle()

    def before(call: str) -> None:
        if call == "turn_off":
            world.put_wish("live", Wish(world.now + 1, "alice"))

    world.before = before
    assert world.look() == "leaving"
    world.now += 60
    world.blue.instances.clear()
    world.blue.ready = False
    assert world.look() == "off"
    assert world.look() == "starting"
    assert (world.blue.service, world.blue.group) == (1, 1)


@pytest.mark.parametrize("ending", [Unreachable, Killed])
@pytest.mark.parametrize(
    "step", ["read", "activity", "drain", "sleep_rules", "put_sleep_rule", "put_record", "turn_off"]
)
def test_whatever_step_breaks_nobody_is_refused_for_long_and_the_stop_comes_about(
    step: str, ending: type[BaseException]
) -> None:
    world = idle()
    world.before = failing({step: ending})
    with pytest.raises((Unreachable, Killed)):
        world.look()
    half_done = world.record.phase == "leaving"
    world.before = failing({})
    world.now += 130
    if not half_done:
        assert world.takes_work() or LIVE in world.rules
        assert (world.blue.service, world.blue.group) == (1, 1)
    world.look()
    assert world.record.phase == "leaving"
    assert (world.blue.service, world.blue.group) == (0, 0)


@pytest.mark.parametrize("step", ["put_sleep_rule", "put_record"])
def test_a_request_after_a_broken_stop_is_served_and_ends_it(step: str) -> None:
    world = idle()
    world.before = failing({step: Killed})
    with pytest.raises(Killed):
        world.look()
    world.before = failing({})
    world.now += 130
    world.put_wish("live", Wish(world.now - 1, "alice"))
    world.look()
    assert untouched(world)
    assert world.takes_work()


def test_an_operator_s_stop_waits_for_the_work_under_way() -> None:
    world = World()
    world.warm(idle_minutes=0)
    world.put_stop_wish("live", StopWish(NOW - 1, "bob", NOW + 1800))
    world.blue.servers["tts"].in_flight = 2
    world.look()
    assert untouched(world)
    world.blue.servers["tts"].in_flight = 0
    assert world.look() == "leaving"


def test_a_scheduled_stop_asks_the_servers_for_its_pause() -> None:
    world = World()
    world.warm(idle_minutes=4)
    world.put_stop_wish("live", StopWish(NOW - 1, "schedule", NOW + 1800, "schedule", 180))
    metrics = world.metrics("blue", NOW)
    world.metrics = lambda slot, now: metrics  # type: ignore[method-assign]
    world.blue.servers["tts"].last_request_at = NOW - 100
    world.look()
    assert untouched(world)
    world.blue.servers["tts"].last_request_at = NOW - 200
    assert world.look() == "leaving"


def test_counts_that_did_not_go_down_are_lowered_again() -> None:
    world = idle()
    stubborn = 2

    def before(call: str) -> None:
        nonlocal stubborn
        if call == "state" and world.record.phase == "leaving" and stubborn:
            stubborn -= 1
            world.blue.group = 1

    world.before = before
    world.look()
    assert world.calls.count("turn_off") == 3
    assert world.blue.group == 0


def test_the_idle_slot_under_test_is_stopped_by_the_same_rules() -> None:
    world = idle()
    world.shares = {"blue": 0, "green": 100}
    world.remember(replace(world.record, live=False, main=False))
    world.rules = {LIVE}
    assert world.look() == "leaving"
    assert world.rules == {LIVE, SleepRule("idle")}
