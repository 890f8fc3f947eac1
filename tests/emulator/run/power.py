"""Power as people and programs have it: the calls of /power, and the counts that come of them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

from config.release import SlotName
from stacks.names import OWNER_TAG, Naming
from tests.emulator.door import Door
from tests.emulator.run.remains import listed
from tests.emulator.run.report import require
from tests.emulator.run.stage import ENVIRONMENT, Stage

START_SECONDS = 300
STOP_SECONDS = 180
LOOK_SECONDS = 90
OFF, ON = (0, 0), (1, 1)
NAMES = Naming(ENVIRONMENT)
# Where the controller's own rules stand: for callers with the staging header, and for all others.
IDLE_RULE, LIVE_RULE = "90", "150"


def counts(stage: Stage, slot: SlotName) -> tuple[int, int]:
    """(tasks that the service wants, instances that the group wants)."""
    outputs = stage.outputs()
    name = slot.capitalize()
    service = stage.client("ecs").describe_services(
        cluster=outputs["ClusterName"], services=[outputs[f"{name}Service"]]
    )["services"][0]
    return int(service["desiredCount"]), int(_group(stage, slot)["DesiredCapacity"])


def instances(stage: Stage, slot: SlotName) -> list[str]:
    """Ids of the instances that its group has."""
    return [one["InstanceId"] for one in _group(stage, slot)["Instances"]]


def start(stage: Stage, door: Door, key: str, slot: SlotName) -> None:
    """Raises StepFailed when callers do not reach both servers in time."""
    asked = door.post("/power/start", {"slot": slot}, X_API_Key=key)
    require(asked.status_code in (200, 202), f"/power/start: {asked.status_code} {asked.text}")
    stage.until(lambda: open_to_callers(stage, slot), START_SECONDS, f"{slot} does not start.")


def stop(stage: Stage, door: Door, key: str, slot: SlotName) -> None:
    """Waits until its instance is gone."""
    asked = door.post("/power/stop", {"slot": slot}, X_API_Key=key)
    require(asked.status_code in (200, 202), f"/power/stop: {asked.status_code} {asked.text}")
    stage.until(lambda: rests(stage, slot), STOP_SECONDS, f"{slot} does not stop.")


def open_to_callers(stage: Stage, slot: SlotName) -> bool:
    """On, and no rule of the controller leads its callers away."""
    service = stage.outputs()[f"{slot.capitalize()}Service"]
    rule = LIVE_RULE if stage.active() == slot else IDLE_RULE
    return stage.host.serving(service) and rule not in own_rules(stage)


def rests(stage: Stage, slot: SlotName) -> bool:
    """Both counts at 0, no instance, and the controller's rule stands."""
    rule = LIVE_RULE if stage.active() == slot else IDLE_RULE
    off = counts(stage, slot) == OFF and not instances(stage, slot)
    return off and rule in own_rules(stage)


def own_rules(stage: Stage) -> set[str]:
    """Priorities of the listener's rules that carry the controller's tag."""
    return {rule["Priority"] for rule in rules(stage) if _is_own(stage, rule["RuleArn"])}


def _is_own(stage: Stage, arn: str) -> bool:
    elb = stage.client("elbv2")
    try:
        (found,) = elb.describe_tags(ResourceArns=[arn])["TagDescriptions"]
    except elb.exceptions.RuleNotFoundException:
        return False  # the controller drops its rules when it likes
    return {"Key": OWNER_TAG, "Value": NAMES.owner} in found["Tags"]


def rules(stage: Stage) -> list[Any]:
    """All rules of the HTTPS listener but its default."""
    elb = stage.client("elbv2")
    (arn,) = [each["ListenerArn"] for each in _listeners(elb) if each["Port"] == 443]
    every = listed(elb, "describe_rules", "Rules", ListenerArn=arn)
    return [rule for rule in every if not rule["IsDefault"]]


def look(stage: Stage) -> list[dict[str, Any]]:
    """Have the controller look now, as its sweep does each minute; gives its decisions."""
    found: list[dict[str, Any]] = []

    def looked() -> bool:
        answer = stage.client("lambda").invoke(
            FunctionName=NAMES.controller, Payload=b'{"source": "sweep"}', LogType="Tail"
        )
        said = answer["Payload"].read().decode()
        require(not answer.get("FunctionError"), f"The controller failed: {said}")
        found[:] = list(_decisions(base64.b64decode(answer.get("LogResult", "")).decode()))
        return bool(json.loads(said)["looked"])

    stage.until(looked, LOOK_SECONDS, "Somebody else looks without end.")
    return found


def reasons(stage: Stage, slot: SlotName) -> str:
    """Why the controller does what it does with a slot now."""
    return " ".join(each["reason"] for each in look(stage) if each["slot"] == slot)


def limits(stage: Stage, **changes: float) -> None:
    """Other limits for what follows: minutes here are seconds of a run."""
    functions = stage.client("lambda")
    # Here, not on AWS, a function that gets new settings ends in the middle of what it does.
    stage.until(lambda: not _looking(stage), LOOK_SECONDS * 2, "Somebody looks without end.")
    for name in (NAMES.controller, power_outputs(stage)["FrontName"]):
        found = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        policy = {**json.loads(found["POWER_POLICY"]), **changes}
        functions.update_function_configuration(
            FunctionName=name,
            Environment={"Variables": {**found, "POWER_POLICY": json.dumps(policy)}},
        )


def _looking(stage: Stage) -> bool:
    """Whether the controller holds its lock."""
    table = stage.client("dynamodb")
    key = {"kind": {"S": "lock"}, "id": {"S": "-"}}
    return "Item" in table.get_item(TableName=power_outputs(stage)["Table"], Key=key)


def power_outputs(stage: Stage) -> dict[str, str]:
    found = stage.client("cloudformation").describe_stacks(StackName=NAMES.stack("Power"))
    return {out["OutputKey"]: out["OutputValue"] for out in found["Stacks"][0]["Outputs"]}


def status(door: Door, key: str) -> Any:
    answer = door.get("/power/status", X_API_Key=key)
    require(answer.status_code == 200, f"/power/status: {answer.status_code} {answer.text[:200]}")
    return answer.json()


def lease(door: Door, key: str, minutes: float, reason: str) -> str:
    """Its id."""
    made = door.post("/power/lease", {"minutes": minutes, "reason": reason}, X_API_Key=key)
    require(made.status_code == 201, f"/power/lease: {made.status_code} {made.text[:200]}")
    return str(made.json()["lease"]["id"])


def release(door: Door, key: str, lease_id: str) -> None:
    ended = door.delete(f"/power/lease/{lease_id}", X_API_Key=key)
    require(ended.status_code == 200, f"Releasing: {ended.status_code} {ended.text[:200]}")


def _decisions(log: str) -> Iterator[dict[str, Any]]:
    for line in log.splitlines():
        begin = line.find('{"message":"decision"')
        if begin >= 0:
            yield json.loads(line[begin:])


def _group(stage: Stage, slot: SlotName) -> Any:
    (found,) = stage.client("autoscaling").describe_auto_scaling_groups(
        AutoScalingGroupNames=[stage.outputs()[f"{slot.capitalize()}Group"]]
    )["AutoScalingGroups"]
    return found


def _listeners(elb: Any) -> Iterator[Any]:
    for balancer in listed(elb, "describe_load_balancers", "LoadBalancers"):
        arn = balancer["LoadBalancerArn"]
        yield from listed(elb, "describe_listeners", "Listeners", LoadBalancerArn=arn)
