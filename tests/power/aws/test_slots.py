"""Counts, instances and readiness of a slot, read from AWS and set there."""

from __future__ import annotations

import boto3
import pytest
from moto.core import set_initial_no_auth_action_count

from power.aws.slots import Slots
from power.model import SlotRecord
from power.ports import SlotState, Unreachable
from tests.power.aws.world import World, instance_of, join

STARTING = SlotRecord(phase="starting", asked_at=0.0, started_at=0.0)


def look(world: World, record: SlotRecord = STARTING) -> SlotState:
    return Slots(world.settings).state("blue", record)


def test_a_slot_at_rest_has_nothing(world: World) -> None:
    state = look(world)
    assert (state.service_count, state.group_count, state.instances) == (0, 0, {})
    assert state.ready is False
    assert state.draining


def test_turning_on_sets_both_counts_of_this_slot_alone(world: World) -> None:
    slots = Slots(world.settings)
    slots.turn_on("blue")
    slots.turn_on("blue")
    state = look(world)
    assert (state.service_count, state.group_count) == (1, 1)
    assert list(state.instances) == [instance_of(world, "blue")]
    assert slots.state("green", STARTING).group_count == 0


def test_both_servers_healthy_on_the_group_s_instance_is_ready(world: World) -> None:
    Slots(world.settings).turn_on("blue")
    assert look(world).ready is False
    instance = join(world, "blue")
    assert look(world).ready is True
    server = next(iter(world.settings.slots["blue"].groups.values()))
    boto3.client("elbv2").deregister_targets(
        TargetGroupArn=server, Targets=[{"Id": instance, "Port": 5000}]
    )
    assert look(world).ready is False


def test_a_target_on_an_instance_of_before_does_not_count(world: World) -> None:
    slots = Slots(world.settings)
    slots.turn_on("blue")
    join(world, "blue")
    old = instance_of(world, "blue")
    slots.replace("blue", old)
    state = look(world)
    assert old not in state.instances
    assert state.group_count == 1
    assert state.ready is False


def test_the_stages_have_the_times_of_aws(world: World) -> None:
    Slots(world.settings).turn_on("blue")
    assert list(look(world).stages) == ["instance running"]
    join(world, "blue")
    stages = look(world).stages
    assert list(stages) == ["instance running", "agent joined"]
    assert stages["instance running"] <= stages["agent joined"]
    assert look(world, SlotRecord(phase="on")).stages == {}


def test_turning_off_drains_the_instance_and_sets_both_counts_to_zero(world: World) -> None:
    slots = Slots(world.settings)
    slots.turn_on("blue")
    join(world, "blue")
    assert not look(world).draining
    slots.turn_off("blue")
    state = look(world)
    assert (state.service_count, state.group_count) == (0, 0)
    agents = boto3.client("ecs").list_container_instances(cluster="voice", status="DRAINING")
    assert len(agents["containerInstanceArns"]) == 1
    slots.turn_off("blue")


def test_a_reclaimed_instance_may_be_gone_already(world: World) -> None:
    slots = Slots(world.settings)
    slots.turn_on("blue")
    instance = instance_of(world, "blue")
    slots.terminate(instance)
    slots.terminate("i-0123456789abcdef0")


def test_what_does_not_exist_is_unreachable_and_not_off(world: World) -> None:
    boto3.client("autoscaling").delete_auto_scaling_group(
        AutoScalingGroupName="blue-group", ForceDelete=True
    )
    with pytest.raises(Unreachable, match="group"):
        look(world)


@set_initial_no_auth_action_count(0)
def test_a_refusal_of_aws_is_unreachable(world: World) -> None:
    with pytest.raises(Unreachable, match="counts"):
        Slots(world.settings).turn_on("blue")
