"""Looks in a row: from a wish to a warm slot, and everything else that can happen to one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from power.memory import InstanceHours, MonthHours, Notice, month_of
from power.model import Lease, SlotRecord, StopWish, Wish
from power.policy import Policy
from power.ports import SleepRule, Unreachable
from power.run import LOCK_SECONDS, run
from tests.power.world import NOW, Killed, World, failing

LIVE, IDLE = SleepRule("live"), SleepRule("idle")


def woken(world: World) -> None:
    world.put_wish("live", Wish(world.now, "alice"))


def started() -> World:
    world = World()
    world.look()
    world.now += 1
    woken(world)
    assert world.look() == "starting"
    return world


def test_the_first_look_puts_both_rules_and_starts_nothing() -> None:
    world = World()
    assert world.look() == "off"
    assert world.rules == {LIVE, IDLE}
    assert world.blue.group == 0


def test_a_wish_starts_the_live_slot_alone() -> None:
    world = started()
    assert (world.blue.service, world.blue.group) == (1, 1)
    assert world.slots["green"].group == 0
    assert world.rules == {LIVE, IDLE}


def test_a_wish_for_the_idle_slot_starts_that_one() -> None:
    world = World()
    world.look()
    world.now += 1
    world.put_wish("idle", Wish(world.now, "alice"))
    world.look()
    assert world.slots["green"].group == 1
    assert world.blue.group == 0


def test_many_wishes_make_one_instance() -> None:
    world = started()
    for _ in range(5):
        world.now += 2
        woken(world)
        world.look()
    assert world.made == 1


def test_callers_reach_it_when_both_servers_are_ready_and_the_start_is_learned() -> None:
    world = started()
    world.now += 200
    world.blue.ready = True
    assert world.look() == "on"
    assert world.rules == {IDLE}
    (start,) = world.memory.starts
    assert start.stages["warm"] - start.asked_at == 200


def test_a_start_that_fails_is_stopped_and_paused_and_explicit_starts_pass_the_pause() -> None:
    world = started()
    world.now += 25 * 60 + 1
    assert world.look() == "leaving"
    assert world.blue.group == 0
    world.blue.instances.clear()
    assert world.look() == "off"
    world.now += 60
    woken(world)
    assert world.look() == "off"
    world.put_wish("live", Wish(world.now, "alice", urgent=True))
    assert world.look() == "starting"


def test_the_pause_ends_and_failures_in_a_row_lengthen_it() -> None:
    world = started()
    pauses = []
    for _ in range(3):
        world.now += 25 * 60 + 1
        world.look()
        world.blue.instances.clear()
        world.look()
        pauses.append(world.record.retry_at - world.record.since)
        world.now = world.record.retry_at
        woken(world)
        assert world.look() == "starting"
    assert pauses == [900, 1800, 3600]
    world.blue.ready = True
    world.look()
    assert world.record.failures == 0


@pytest.mark.parametrize("step", ["turn_on", "put_record"])
def test_a_start_that_breaks_off_goes_on_with_the_next_look(step: str) -> None:
    world = World()
    world.look()
    world.now += 1
    woken(world)
    world.before = failing({step: Killed})
    with pytest.raises(Killed):
        world.look()
    world.before = failing({})
    assert world.look() == "starting"
    assert (world.blue.service, world.blue.group) == (1, 1)
    assert world.made == 1


def test_what_somebody_turned_on_by_hand_is_watched_and_stopped_when_idle() -> None:
    world = World()
    world.look()
    world.turn_on("blue")
    assert world.look() == "starting"
    world.blue.ready = True
    assert world.look() == "on"
    assert world.memory.starts == ()
    world.now += 16 * 60
    assert world.look() == "leaving"


def test_the_hard_cap_closes_waits_for_work_and_cuts_it_at_the_end() -> None:
    world = World(Policy(hard_cap_hours=2.2, drain_minutes=10))
    world.warm()
    world.now += 2 * 60 + 1
    world.blue.servers["tts"].in_flight = 1
    assert world.look() == "closing"
    assert LIVE in world.rules
    world.now += 9 * 60
    assert world.look() == "closing"
    assert world.blue.group == 1
    world.now += 60
    assert world.look() == "leaving"
    assert world.blue.group == 0
    assert world.record.started_at is not None
    assert world.now - world.record.started_at <= 2.2 * 3600 + 2


def test_the_hard_cap_ends_early_when_nothing_is_under_way() -> None:
    world = World(Policy(hard_cap_hours=2.2, drain_minutes=10))
    world.warm()
    world.now += 2 * 60 + 1
    world.look()
    assert world.look() == "leaving"
    assert world.blue.group == 0


def test_a_call_after_the_hard_cap_starts_anew() -> None:
    world = World(Policy(hard_cap_hours=2.2, drain_minutes=10))
    world.warm()
    world.put_lease(Lease("1", "alice", "demo", NOW - 60, NOW + 7200))
    world.now += 2 * 60 + 1
    world.look()
    world.look()
    world.blue.instances.clear()
    assert world.look() == "off"
    assert world.look() == "off"
    world.now += 1
    woken(world)
    assert world.look() == "starting"


def test_a_reclaimed_instance_is_replaced_at_once_and_nobody_is_sent_there() -> None:
    world = World()
    world.warm()
    world.put_notice(Notice("i-warm", NOW))
    assert world.look() == "starting"
    assert "i-warm" not in world.blue.instances
    assert len(world.blue.instances) == 1
    assert LIVE in world.rules
    assert world.memory.notices == ()
    world.now += 120
    world.blue.ready = True
    assert world.look() == "on"
    assert world.rules == {IDLE}
    assert world.terminated == []
    world.now += 61
    world.look()
    assert world.terminated == ["i-warm"]
    world.look()
    assert world.terminated == ["i-warm"]


@pytest.mark.parametrize("step", ["put_record", "replace", "drop_notice"])
def test_a_replacement_that_breaks_off_goes_on(step: str) -> None:
    world = World()
    world.warm()
    world.put_notice(Notice("i-warm", NOW))
    world.before = failing({step: Killed})
    with pytest.raises(Killed):
        world.look()
    world.before = failing({})
    assert world.look() == "starting"
    assert "i-warm" not in world.blue.instances
    assert len(world.blue.instances) == 1


def test_a_slot_that_loses_its_servers_answers_through_the_front_until_they_are_back() -> None:
    world = World()
    world.warm()
    world.blue.ready = False
    assert world.look() == "on"
    assert LIVE in world.rules
    world.now += 120
    world.blue.ready = True
    world.look()
    assert world.rules == {IDLE}
    assert world.record.cold_since is None


def test_while_nobody_can_tell_whether_it_is_ready_its_rules_stay() -> None:
    world = World()
    world.warm()
    world.blue.ready = None
    world.look()
    assert world.rules == {IDLE}


def test_a_swap_moves_the_rules_and_starts_nothing_for_an_old_call() -> None:
    world = World()
    world.warm()
    woken(world)
    world.now += 60
    world.shares = {"blue": 0, "green": 100}
    world.look()
    assert world.rules == {LIVE}
    assert world.slots["green"].group == 0
    world.now += 1
    woken(world)
    world.look()
    assert world.slots["green"].group == 1


def test_a_trial_slot_is_woken_with_the_main_one_and_bypassed_until_it_is_ready() -> None:
    world = World()
    world.shares = {"blue": 90, "green": 10}
    world.look()
    world.now += 1
    woken(world)
    world.look()
    assert world.slots["green"].group == 1
    world.blue.ready = True
    world.look()
    assert world.rules == {
        IDLE,
        SleepRule("live", "tts", to="blue"),
        SleepRule("live", "whisperx", to="blue"),
    }
    world.slots["green"].ready = True
    world.look()
    assert world.rules == set()


def test_instance_hours_are_counted_while_it_costs_money() -> None:
    world = World()
    world.warm()
    world.now += 3600
    world.look()
    assert world.memory.hours.spent_usd() == pytest.approx(3 * 0.5)


def spent(world: World, usd: float) -> None:
    one = InstanceHours(NOW - 3600, NOW, usd)
    world.memory = replace(world.memory, hours=MonthHours(month_of(NOW), {"i-old": one}))


def test_near_the_budget_s_end_batches_are_refused_and_at_its_end_it_stops() -> None:
    world = World(Policy(budget_usd=10))
    world.warm()
    spent(world, 6.9)
    world.look()
    assert world.refused_batches == []
    spent(world, 7.1)
    world.look()
    assert "nearly used up" in world.refused_batches[0]
    assert world.record.phase == "on"
    spent(world, 9.5)
    assert world.look() == "closing"


def test_a_lease_that_goes_past_the_budget_lifts_both() -> None:
    world = World(Policy(budget_usd=10))
    world.warm()
    spent(world, 50)
    world.put_lease(Lease("1", "alice", "demo", NOW, NOW + 3600, override=True))
    assert world.look() == "on"
    assert world.refused_batches == []


def test_one_slot_that_aws_does_not_answer_for_does_not_hold_up_the_other() -> None:
    world = World()
    world.look()
    world.now += 1
    woken(world)
    world.put_wish("idle", Wish(world.now, "alice"))
    refused = iter([Unreachable("blue")])

    def before(call: str) -> None:
        if call == "turn_on":
            error = next(refused, None)
            if error is not None:
                raise error

    world.before = before
    with pytest.raises(Unreachable):
        world.look()
    assert world.slots["green"].group == 1
    assert world.look() == "starting"


def test_while_the_stack_is_deleted_nothing_is_done() -> None:
    world = World()
    world.memory = replace(world.memory, retired=True)
    woken(world)
    world.controller().look()
    assert world.rules == set()
    assert world.blue.group == 0


def test_an_operator_stops_a_start_under_way() -> None:
    world = started()
    world.now += 5
    world.put_stop_wish("live", StopWish(world.now, "bob", world.now + 1800))
    assert world.look() == "leaving"
    assert world.blue.group == 0


def go(world: World, owner: str, patient: float = 0) -> bool:
    def pause(seconds: float) -> None:
        world.now += seconds

    return run(
        world.controller(),
        world,
        owner=owner,
        clock=lambda: world.now,
        pause=pause,
        until=world.now + 50,
        patient_until=world.now + patient,
    )


def test_one_looks_at_a_time() -> None:
    world = World()
    world.lock("another", world.now, LOCK_SECONDS)
    assert not go(world, "me")
    assert "weights" not in world.calls
    world.unlock("another")
    assert go(world, "me")
    assert world.locked is None


def test_the_lock_of_a_killed_invocation_ends_by_itself() -> None:
    world = World()
    world.before = failing({"weights": Killed, "unlock": Killed})
    with pytest.raises(Killed):
        go(world, "killed")
    world.before = failing({})
    assert not go(world, "me", patient=LOCK_SECONDS - 5)
    assert go(world, "me", patient=10)


def test_looks_follow_each_other_while_a_slot_is_on_its_way() -> None:
    world = World()
    world.look()
    world.now += 1
    woken(world)
    world.calls.clear()
    assert go(world, "me")
    assert world.calls.count("weights") == 6
    world.blue.ready = True
    world.calls.clear()
    assert go(world, "me")
    assert world.calls.count("weights") == 1


def test_a_role_is_remembered() -> None:
    world = World()
    world.look()
    assert world.record == SlotRecord(since=NOW, live=True, main=True)
    assert not world.memory.records.get("green", SlotRecord()).live


def test_the_stages_of_several_clocks_are_put_in_order() -> None:
    world = started()
    world.now += 100
    later = world.now + 3
    state = world.state("blue", world.record)
    reached = {"image pulled": later, "container up": later - 1, "model loading": later + 1}
    world.state = (  # type: ignore[method-assign]
        lambda slot, record: (
            replace(state, stages=reached, ready=True)
            if slot == "blue"
            else replace(state, group_count=0, service_count=0, instances={}, ready=False)
        )
    )
    assert world.look() == "on"
    times = list(world.record.stages.values())
    assert times == sorted(times)
    assert list(world.record.stages)[-1] == "warm"


def test_a_gpu_that_runs_since_long_is_adopted_with_its_callers_and_its_cap() -> None:
    world = World()
    world.look()
    world.blue.service = world.blue.group = 1
    world.blue.instances = {"i-old": NOW - 7200}
    world.blue.ready = True
    assert world.look() == "on"
    assert world.rules == {IDLE}
    assert world.record.started_at == NOW - 7200
    world.now += 60
    assert world.look() == "on"


def test_one_that_is_not_ready_has_the_whole_deadline_from_its_adoption() -> None:
    world = World()
    world.look()
    world.blue.service = world.blue.group = 1
    world.blue.instances = {"i-old": NOW - 7200}
    assert world.look() == "starting"
    world.now += 24 * 60
    assert world.look() == "starting"
    world.now += 2 * 60
    assert world.look() == "leaving"


def test_an_instance_that_cannot_be_ended_keeps_nobody_away_and_is_forgotten() -> None:
    world = World()
    world.warm()
    world.remember(replace(world.record, doomed={"i-1": NOW - 1}))
    world.before = failing({"terminate": Unreachable})
    assert world.look() == "on"
    assert world.rules == {IDLE}
    assert world.record.doomed == {"i-1": NOW - 1}
    world.now += 3601
    world.look()
    assert world.record.doomed == {}


@pytest.mark.parametrize("step", ["replace", "turn_off"])
def test_a_slot_that_aws_does_not_let_go_of_gets_no_callers(step: str) -> None:
    world = World()
    world.warm(idle_minutes=0)
    if step == "replace":
        world.put_notice(Notice("i-warm", NOW))
    else:
        world.blue.group = 0
    world.before = failing({step: Unreachable})
    with pytest.raises(Unreachable):
        world.look()
    assert LIVE in world.rules


def test_after_a_fallback_the_next_instance_is_spot_again_whenever_aws_agrees() -> None:
    world = World()
    world.look()
    world.remember(replace(world.record, on_demand=True))
    world.before = failing({"buy": Unreachable})
    world.look()
    assert world.record.on_demand
    world.before = failing({})
    world.look()
    assert world.on_demand == {"blue": False}
    assert not world.record.on_demand
