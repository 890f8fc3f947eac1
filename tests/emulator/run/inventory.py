"""What exists after a deploy, as boto3 finds it."""

from __future__ import annotations

from typing import Any

from config.release import SLOTS, SlotName, other
from stacks.names import POWER_PRIORITY, SERVERS, SLOT_HEADER
from tests.emulator.run.power import counts, own_rules
from tests.emulator.run.power import rules as all_rules
from tests.emulator.run.report import require
from tests.emulator.run.stage import Stage

ALARMS = 3


def check(stage: Stage) -> str:
    """Everything off, closed and wired. Gives a note on what was found."""
    outputs = stage.outputs()
    for slot in SLOTS:
        require(counts(stage, slot) == (0, 0), f"{slot} is not off: {counts(stage, slot)}.")
    groups = stage.client("autoscaling").describe_auto_scaling_groups(
        AutoScalingGroupNames=[outputs["BlueGroup"], outputs["GreenGroup"]]
    )["AutoScalingGroups"]
    sizes = {(group["MinSize"], group["MaxSize"]) for group in groups}
    require(len(groups) == 2 and sizes == {(0, 1)}, f"The groups have the sizes {sizes}.")
    secrets = stage.client("secretsmanager")
    keys = secrets.get_secret_value(SecretId=outputs["KeysSecretArn"])["SecretString"]
    require(keys == "{}", "There are keys before anybody made one.")
    service = secrets.describe_secret(SecretId=outputs["ServiceKeySecretArn"])
    require(service["RotationEnabled"], "The service key is not rotated.")
    _check_bucket(stage.client("s3"), outputs["ResultsBucket"])
    rules = check_rules(stage, stage.active())
    alarms = stage.client("cloudwatch").describe_alarms(
        AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    count = len(alarms["MetricAlarms"]) + len(alarms["CompositeAlarms"])
    require(count >= ALARMS, f"There are {count} alarms.")
    dashboards = stage.client("cloudwatch").list_dashboards()["DashboardEntries"]
    require(len(dashboards) == 1, f"There are {len(dashboards)} dashboards.")
    return f"two slots off, {rules} rules, {count} alarms, a dashboard, two secrets, a bucket"


def _check_bucket(s3: Any, bucket: str) -> None:
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    require(all(block.values()), "The results bucket could become public.")
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    require(any("Expiration" in rule for rule in rules), "Results are kept for ever.")
    require("SecureTransport" in s3.get_bucket_policy(Bucket=bucket)["Policy"], "TLS is optional.")


def check_rules(stage: Stage, active: SlotName) -> int:
    """Each server has a rule for the staging header before one without it; both lead to its port
    on both slots, with all the weight on the idle one and on the live one. Gives their number."""
    own = own_rules(stage)
    rules = [
        rule
        for rule in all_rules(stage)
        if rule["Priority"] not in own and int(rule["Priority"]) != POWER_PRIORITY
    ]
    behind = _behind(stage)
    found = [
        (_conditions(rule), _weights(rule, behind))
        for rule in sorted(rules, key=lambda rule: int(rule["Priority"]))
    ]
    wanted = [
        (
            {"path-pattern": [f"/{server}", f"/{server}/*"], **header},
            {(slot, port): 100 if slot == gets_all else 0 for slot in SLOTS},
        )
        for header, gets_all in (({SLOT_HEADER: ["idle"]}, other(active)), ({}, active))
        for server, port in SERVERS.items()
    ]
    require(found == wanted, f"With {active} live the rules are {found}.")
    return len(found)


def _behind(stage: Stage) -> dict[str, tuple[SlotName, int]]:
    """The slot and the container's port behind each target group, as its service has it."""
    outputs = stage.outputs()
    names = {outputs[f"{slot.capitalize()}Service"]: slot for slot in SLOTS}
    services = stage.client("ecs").describe_services(
        cluster=outputs["ClusterName"], services=list(names)
    )["services"]
    return {
        each["targetGroupArn"]: (names[service["serviceName"]], each["containerPort"])
        for service in services
        for each in service["loadBalancers"]
    }


def _conditions(rule: Any) -> dict[str, list[str]]:
    found = {}
    for condition in rule["Conditions"]:
        header = condition.get("HttpHeaderConfig")
        if header:
            found[header["HttpHeaderName"]] = header["Values"]
        else:
            found[condition["Field"]] = condition["PathPatternConfig"]["Values"]
    return found


def _weights(
    rule: Any, behind: dict[str, tuple[SlotName, int]]
) -> dict[tuple[SlotName, int] | None, int]:
    (action,) = rule["Actions"]
    return {
        behind.get(group["TargetGroupArn"]): group["Weight"]
        for group in action["ForwardConfig"]["TargetGroups"]
    }
