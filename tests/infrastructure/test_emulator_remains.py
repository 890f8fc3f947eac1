"""The run finds whatever a destroy left behind, on every page of every list."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.emulator import Emulator
from tests.emulator.pieces import LAUNCH, group
from tests.emulator.run.remains import everything, nothing_left
from tests.emulator.run.report import StepFailed
from tests.emulator.stack import Stack

pytest_plugins = ["tests.emulator.fixture"]

LOGS = 51  # one more than a page
ZONE = "remains.test."


def leavings() -> dict[str, Any]:
    alarm = {
        "MetricName": "Age",
        "Namespace": "Remains",
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    provider = {"AutoScalingGroupProvider": {"AutoScalingGroupArn": {"Ref": "Group"}}}
    record = {
        "HostedZoneId": {"Ref": "Zone"},
        "Name": f"gpu.{ZONE}",
        "Type": "A",
        "TTL": "60",
        "ResourceRecords": ["192.0.2.1"],
    }
    firewall = {"GroupDescription": "left", "VpcId": {"Ref": "Vpc"}}
    return {
        "Vpc": _piece("EC2::VPC", CidrBlock="10.9.0.0/16"),
        "Firewall": _piece("EC2::SecurityGroup", **firewall),
        **{f"Log{number:02}": _piece("Logs::LogGroup") for number in range(LOGS)},
        "Board": _piece("CloudWatch::Dashboard", DashboardBody='{"widgets": []}'),
        "Alarm": _piece("CloudWatch::Alarm", AlarmName="one-of-two", **alarm),
        "Both": {
            **_piece("CloudWatch::CompositeAlarm", AlarmRule='ALARM("one-of-two")'),
            "DependsOn": "Alarm",
        },
        "Zone": _piece("Route53::HostedZone", Name=ZONE),
        "Record": _piece("Route53::RecordSet", **record),
        "Launch": LAUNCH,
        "Group": group(),
        "Provider": _piece("ECS::CapacityProvider", **provider),
    }


def test_everything_that_a_stack_made_is_seen_until_it_is_gone(
    cloud: Emulator, stack: Stack
) -> None:
    before = everything(cloud)
    stack.put(leavings())
    made = {kind: names - before[kind] for kind, names in everything(cloud).items()}
    assert {kind: len(names) for kind, names in made.items() if names} == {
        "VPCs": 1,
        # The VPC's own one too.
        "security groups": 2,
        "log groups": LOGS,
        "dashboards": 1,
        "alarms": 1,
        "composite alarms": 1,
        "hosted zones": 1,
        "DNS records": 3,
        "launch templates": 1,
        "scaling groups": 1,
        "capacity providers": 1,
        "stacks": 1,
    }
    with pytest.raises(StepFailed, match=f"gpu.{ZONE} A"):
        nothing_left(cloud, before, set())
    stack.delete()
    assert "kept on purpose: []" in nothing_left(cloud, before, set())


def test_what_is_kept_on_purpose_is_not_left_over(cloud: Emulator, stack: Stack) -> None:
    before = everything(cloud)
    stack.put({"Log": _piece("Logs::LogGroup")})
    kept = {stack.resource("Log"), stack.name}
    assert stack.resource("Log") in nothing_left(cloud, before, kept)


def _piece(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}
