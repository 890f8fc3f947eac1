"""Turning a slot on and off as whoever controls the power does: its two counts."""

from __future__ import annotations

from config.release import SlotName
from tests.emulator.run.stage import Stage

START_SECONDS = 120
STOP_SECONDS = 120


def counts(stage: Stage, slot: SlotName) -> tuple[int, int]:
    """(tasks that the service wants, instances that the group wants)."""
    outputs = stage.outputs()
    name = slot.capitalize()
    service = stage.client("ecs").describe_services(
        cluster=outputs["ClusterName"], services=[outputs[f"{name}Service"]]
    )["services"][0]
    group = stage.client("autoscaling").describe_auto_scaling_groups(
        AutoScalingGroupNames=[outputs[f"{name}Group"]]
    )["AutoScalingGroups"][0]
    return int(service["desiredCount"]), int(group["DesiredCapacity"])


def set_counts(stage: Stage, slot: SlotName, count: int) -> None:
    outputs = stage.outputs()
    name = slot.capitalize()
    stage.client("autoscaling").set_desired_capacity(
        AutoScalingGroupName=outputs[f"{name}Group"], DesiredCapacity=count
    )
    stage.client("ecs").update_service(
        cluster=outputs["ClusterName"], service=outputs[f"{name}Service"], desiredCount=count
    )


def start(stage: Stage, slot: SlotName) -> None:
    """Raises StepFailed when the slot does not serve in time."""
    set_counts(stage, slot, 1)
    service = stage.outputs()[f"{slot.capitalize()}Service"]
    stage.until(lambda: stage.host.serving(service), START_SECONDS, f"{slot} does not serve.")


def stop(stage: Stage, slot: SlotName) -> None:
    set_counts(stage, slot, 0)
    service = stage.outputs()[f"{slot.capitalize()}Service"]
    stage.until(lambda: stage.host.idle(service), STOP_SECONDS, f"{slot} does not stop.")
