"""What calls a function in the emulated cloud: rules, schedules, alarms, as AWS documents them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.emulator.emulator import Emulator
from tests.emulator.extension.schedules import due
from tests.emulator.pieces import allow, role
from tests.emulator.recorder import ARN, Recorder, permission
from tests.emulator.stack import Stack
from tests.infrastructure.test_emulator_permissions import as_role
from tests.patience import until

pytest_plugins = ["tests.emulator.fixture"]

RULE_ARN = {"Fn::GetAtt": ["Rule", "Arn"]}
WARNING = "EC2 Spot Instance Interruption Warning"
KOLKATA = "Asia/Kolkata"


def rule(**properties: Any) -> dict[str, Any]:
    target = {"Arn": ARN, "Id": "power", **properties.pop("target", {})}
    return {"Type": "AWS::Events::Rule", "Properties": {"Targets": [target], **properties}}


def may(principal: str = "events.amazonaws.com", source: Any = RULE_ARN) -> dict[str, Any]:
    return permission(principal, SourceArn=source)


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path)


def warn(events: Any, instance: str) -> Any:
    entry = {
        "Source": "aws.ec2",
        "DetailType": WARNING,
        "Detail": json.dumps({"instance-id": instance, "instance-action": "terminate"}),
    }
    return events.put_events(Entries=[entry])


def test_a_rule_with_a_pattern_hands_the_event_to_its_function(
    cloud: Emulator, stack: Stack, recorder: Recorder
) -> None:
    pattern = {"source": ["aws.ec2"], "detail-type": [WARNING]}
    stack.put({**recorder.resources, "Rule": rule(EventPattern=pattern), "May": may()})
    warn(cloud.client("events"), "i-1")
    until(lambda: len(recorder.events()) == 1)
    (event,) = recorder.events()
    assert (event["source"], event["detail-type"]) == ("aws.ec2", WARNING)
    assert event["detail"] == {"instance-id": "i-1", "instance-action": "terminate"}


def test_nobody_but_root_puts_what_only_aws_may_say(cloud: Emulator, stack: Stack) -> None:
    mine = role("lambda.amazonaws.com", allow("*", "events:PutEvents"))
    arn = stack.put({"Role": mine}, Role={"Fn::GetAtt": ["Role", "Arn"]})["Role"]
    answer = warn(as_role(cloud, arn, "events"), "i-2")
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"


def test_a_rule_needs_the_functions_permission_for_itself(
    cloud: Emulator, stack: Stack, recorder: Recorder
) -> None:
    pattern = {"source": ["aws.ec2"]}
    of_another = {"Fn::Sub": "${Rule.Arn}-other"}
    stack.put(
        {**recorder.resources, "Rule": rule(EventPattern=pattern), "May": may(source=of_another)}
    )
    warn(cloud.client("events"), "i-3")
    until(lambda: "may not invoke" in cloud.log.read_text())
    assert recorder.events() == []


def test_a_function_that_fails_for_a_rule_is_tried_again(
    cloud: Emulator, stack: Stack, recorder: Recorder
) -> None:
    failing = rule(EventPattern={"source": ["aws.ec2"]}, target={"Input": '{"fail": "Broken."}'})
    stack.put({**recorder.resources, "Rule": failing, "May": may()})
    warn(cloud.client("events"), "i-4")
    until(lambda: len(recorder.events()) == 3)


def schedule(expression: str, **target: Any) -> dict[str, Any]:
    properties = {
        "ScheduleExpression": expression,
        "ScheduleExpressionTimezone": KOLKATA,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {
            "Arn": ARN,
            "RoleArn": {"Fn::GetAtt": ["Caller", "Arn"]},
            "Input": '{"schedule": "start"}',
            "RetryPolicy": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 300},
            **target,
        },
    }
    return {"Type": "AWS::Scheduler::Schedule", "Properties": properties}


def caller(*statements: dict[str, Any], service: str = "scheduler.amazonaws.com") -> dict[str, Any]:
    return role(service, *statements)


def now(zone: str) -> str:
    """This second on the zone's clock, as a schedule of one time."""
    return f"at({datetime.now(ZoneInfo(zone)):%Y-%m-%dT%H:%M:%S})"


def test_a_schedule_fires_at_its_zones_time_under_its_role(
    cloud: Emulator, stack: Stack, recorder: Recorder
) -> None:
    call = allow(ARN, "lambda:InvokeFunction")
    template = {**recorder.resources, "Caller": caller(call)}
    # At this wall time it is hours later in the west.
    elsewhere = schedule(now(KOLKATA))
    elsewhere["Properties"]["ScheduleExpressionTimezone"] = "America/New_York"
    elsewhere["Properties"]["Target"]["Input"] = '{"schedule": "later"}'
    stack.put({**template, "Later": elsewhere, "Start": schedule(now(KOLKATA))})
    until(lambda: recorder.events() == [{"schedule": "start"}])


@pytest.mark.parametrize(
    ("since", "now", "fires"),
    [
        ("2030-06-03T02:29:59", "2030-06-03T02:29:59.9", False),
        ("2030-06-03T02:29:59", "2030-06-03T02:30:00", True),
        ("2030-06-03T02:30:00", "2030-06-03T03:00:00", False),
        ("2030-06-03T08:00:00", "2030-06-03T09:00:00", False),
        # Friday evening to Monday morning.
        ("2030-06-07T12:00:00", "2030-06-10T02:29:00", False),
        ("2030-06-07T12:00:00", "2030-06-10T02:31:00", True),
    ],
)
def test_cron_is_read_on_the_wall_clock_of_the_zone(since: str, now: str, fires: bool) -> None:
    """Eight in Kolkata is half past two in UTC."""
    weekdays = {
        "ScheduleExpression": "cron(0 8 ? * MON-FRI *)",
        "ScheduleExpressionTimezone": KOLKATA,
    }
    last, current = (
        datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() for text in (since, now)
    )
    assert due(weekdays, last, current, False) is fires


def test_cron_keeps_to_the_wall_clock_when_the_clocks_change() -> None:
    morning = {
        "ScheduleExpression": "cron(0 8 * * ? *)",
        "ScheduleExpressionTimezone": "Europe/Berlin",
    }
    for day, hour in (("2030-03-30", 7), ("2030-04-01", 6)):
        at = datetime.fromisoformat(f"{day}T{hour:02}:00:00").replace(tzinfo=UTC).timestamp()
        assert not due(morning, at - 600, at - 1, False)
        assert due(morning, at - 600, at, False)


def test_a_schedule_reads_back_whole_and_changes_in_place(
    cloud: Emulator, stack: Stack, recorder: Recorder
) -> None:
    template = {**recorder.resources, "Caller": caller(allow(ARN, "lambda:InvokeFunction"))}
    first = schedule("cron(0 8 ? * MON-FRI *)")
    name = stack.put({**template, "Start": first}, Name={"Ref": "Start"})["Name"]

    def described() -> Any:
        return cloud.client("scheduler").get_schedule(Name=name)

    assert described()["ScheduleExpressionTimezone"] == KOLKATA
    assert described()["Target"]["RetryPolicy"]["MaximumRetryAttempts"] == 2
    later = schedule("cron(0 9 ? * MON-FRI *)")
    later["Properties"]["State"] = "DISABLED"
    after = stack.put({**template, "Start": later}, Name={"Ref": "Start"})
    assert after["Name"] == name
    assert described()["ScheduleExpression"] == "cron(0 9 ? * MON-FRI *)"
    assert described()["State"] == "DISABLED"


@pytest.mark.parametrize("trusted", ["scheduler.amazonaws.com", "lambda.amazonaws.com"])
def test_a_schedule_whose_role_may_not_call_ends_as_a_dead_letter(
    cloud: Emulator, stack: Stack, recorder: Recorder, trusted: str
) -> None:
    queue = {"Fn::GetAtt": ["Queue", "Arn"]}
    found = stack.put(
        {
            **recorder.resources,
            "Caller": caller(allow(queue, "sqs:SendMessage"), service=trusted),
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {}},
            "Start": schedule(now(KOLKATA), DeadLetterConfig={"Arn": queue}),
        },
        Queue={"Ref": "Queue"},
        Name={"Ref": "Start"},
    )
    until(lambda: f"The schedule {found['Name']} could not" in cloud.log.read_text())
    answer = cloud.client("sqs").receive_message(QueueUrl=found["Queue"], WaitTimeSeconds=2)
    bodies = [json.loads(one["Body"]) for one in answer.get("Messages", [])]
    # A role that it may not assume sends nothing either.
    assert bodies == ([{"schedule": "start"}] if trusted.startswith("scheduler") else [])
    assert recorder.events() == []


def alarm(slot: str) -> dict[str, Any]:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "Namespace": "Contract",
            "MetricName": "SecondsSinceLastRequest",
            "Dimensions": [{"Name": "Slot", "Value": slot}],
            "Statistic": "Minimum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 900,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "AlarmActions": [ARN],
            "AlarmDescription": "Idle.",
        },
    }


def measure(cloud: Emulator, slot: str, seconds: float) -> None:
    datum = {
        "MetricName": "SecondsSinceLastRequest",
        "Dimensions": [{"Name": "Slot", "Value": slot}],
        "Value": seconds,
        "Timestamp": datetime.now(UTC),
    }
    cloud.client("cloudwatch").put_metric_data(Namespace="Contract", MetricData=[datum])


def test_an_alarm_calls_its_function_once_for_each_transition(
    cloud: Emulator, stack: Stack, recorder: Recorder
) -> None:
    allowed = may("lambda.alarms.cloudwatch.amazonaws.com", {"Fn::GetAtt": ["Idle", "Arn"]})
    found = stack.put(
        {**recorder.resources, "Idle": alarm("idle"), "May": allowed}, Name={"Ref": "Idle"}
    )
    for _ in range(3):
        measure(cloud, "idle", 1000)
    until(lambda: len(recorder.events()) == 1)
    (event,) = recorder.events()
    assert event["source"] == "aws.cloudwatch"
    data = event["alarmData"]
    assert (data["alarmName"], data["state"]["value"]) == (found["Name"], "ALARM")
    assert data["previousState"]["value"] == "INSUFFICIENT_DATA"
    metric = data["configuration"]["metrics"][0]["metricStat"]["metric"]
    assert metric["dimensions"] == {"Slot": "idle"}

    measure(cloud, "idle", 3)
    named = {"AlarmName": found["Name"], "StateReason": "test"}
    cloud.client("cloudwatch").set_alarm_state(**named, StateValue="OK")
    cloud.client("cloudwatch").set_alarm_state(**named, StateValue="ALARM")
    until(lambda: len(recorder.events()) == 2)


def test_an_alarm_without_permission_calls_nobody(
    cloud: Emulator, stack: Stack, recorder: Recorder
) -> None:
    found = stack.put({**recorder.resources, "Idle": alarm("forbidden")}, Name={"Ref": "Idle"})
    measure(cloud, "forbidden", 1000)
    until(lambda: f"The alarm {found['Name']} may not invoke" in cloud.log.read_text())
    assert recorder.events() == []
