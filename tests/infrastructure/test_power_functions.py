"""What the power functions are told, where they run and who calls them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from power.quiet import is_quiet
from power.settings import PowerSettings
from tests.infrastructure.power_environment import variables
from tests.infrastructure.stacks_under_test import Stacks, stacks

FUNCTION, PERMISSION = "AWS::Lambda::Function", "AWS::Lambda::Permission"
# AWS's limit for all variables of a function.
ENVIRONMENT_BYTES = 4096
BUSY = {
    "capacity": {"purchase": "spot", "price_per_hour": 0.205},
    "servers": {"cors_origins": [f"https://slides-{n}.department.example.com" for n in range(5)]},
    "power": {
        "on_demand_price_per_hour": 0.6,
        "budget_usd": 120.5,
        "schedule": {
            # The zone with the longest file.
            "time_zone": "Asia/Hebron",
            "quiet": ["MON,TUE,WED,THU,FRI,SAT,SUN 22:00-06:00"] * 4,
        },
    },
}


@pytest.fixture(scope="module")
def busy() -> Stacks:
    """Settings that make the variables long."""
    return stacks(BUSY)


@pytest.mark.parametrize("function", ["Controller", "Front"])
def test_the_functions_read_what_the_stack_writes(busy: Stacks, function: str) -> None:
    found = PowerSettings.from_env(variables(busy, function))
    assert (found.environment, found.namespace) == ("dev", "GpuVoice/dev")
    assert set(found.slots) == {"blue", "green"}
    for slot, names in found.slots.items():
        assert (names.price, names.on_demand_price, names.spot) == (0.205, 0.6, True)
        assert set(names.groups) == {"tts", "whisperx"}
        parts = [names.service, names.group, *names.groups.values()]
        assert len(set(parts)) == 4
        assert all(part.startswith(slot.capitalize()) for part in parts)
    assert found.policy.budget_usd == 120.5
    assert found.policy.spot_fallback_minutes == 5
    assert found.most_lease_hours == 12
    assert len(found.cors_origins) == 5
    # 1 June 2026, 19:30 UTC is 22:30 in Hebron's summer.
    assert is_quiet(found.quiet, found.zone, 1780342200)
    assert not is_quiet(found.quiet, found.zone, 1780342200 - 3600)


def test_an_on_demand_slot_has_one_price() -> None:
    found = PowerSettings.from_env(
        variables(stacks({"capacity": {"price_per_hour": 1.2}}), "Controller")
    )
    prices = {(each.price, each.on_demand_price) for each in found.slots.values()}
    assert prices == {(1.2, 1.2)}


def test_without_quiet_hours_nobody_is_told_of_a_zone(dev: Stacks) -> None:
    given = variables(dev, "Controller")
    assert PowerSettings.from_env(given).quiet == ()
    assert "POWER_ZONE" not in given


@pytest.mark.parametrize("function", ["Controller", "Front"])
def test_the_variables_fit_into_a_functions_environment(busy: Stacks, function: str) -> None:
    assert len(json.dumps(variables(busy, function))) < ENVIRONMENT_BYTES


def test_the_controller_and_the_front_know_each_others_names(dev: Stacks) -> None:
    controller = dev.one(FUNCTION, stack="power", path="/Controller/")
    assert variables(dev, "Front")["POWER_CONTROLLER"] == controller["FunctionName"]
    told = controller["Environment"]["Variables"]
    assert "Reach" in told["POWER_REACH"]["Ref"]
    assert dev.power["Resources"][told["POWER_SLEEP_GROUP"]["Ref"]]["Type"].endswith("TargetGroup")
    assert dev.power["Outputs"]["ControllerName"]["Value"] == controller["FunctionName"]


def test_a_look_has_time_to_end(dev: Stacks) -> None:
    found = {
        each["Properties"]["Handler"]: each["Properties"]["Timeout"]
        for each in dev.of(FUNCTION, stack="power").values()
    }
    assert found == {
        "power.controller.handler": 120, "power.front.handler": 30, "power.reach.handler": 20,
    }  # fmt: skip


def test_calls_that_nobody_waits_for_are_tried_twice_and_then_kept(dev: Stacks) -> None:
    (config,) = dev.of("AWS::Lambda::EventInvokeConfig", stack="power").values()
    given = config["Properties"]
    assert "Controller" in given["FunctionName"]["Ref"]
    assert (given["MaximumRetryAttempts"], given["MaximumEventAgeInSeconds"]) == (1, 300)
    queue = given["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0]
    assert dev.power["Resources"][queue]["Properties"]["SqsManagedSseEnabled"] is True
    policy = dev.one("AWS::SQS::QueuePolicy", stack="power")["PolicyDocument"]["Statement"]
    assert [each["Effect"] for each in policy] == ["Deny"]


@pytest.mark.parametrize("purchase", ["spot", "on_demand"])
def test_only_spot_hears_of_interruptions(purchase: str) -> None:
    made = stacks({"capacity": {"purchase": purchase}})
    notices = [
        each["Properties"]
        for each in made.of("AWS::Events::Rule", stack="power").values()
        if "EventPattern" in each["Properties"]
    ]
    assert len(notices) == (1 if purchase == "spot" else 0)
    for notice in notices:
        assert notice["EventPattern"] == {
            "source": ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"],
        }  # fmt: skip
        assert notice["Targets"][0]["RetryPolicy"]["MaximumEventAgeInSeconds"] <= 120


def test_a_slot_of_its_own_that_buys_spot_is_enough() -> None:
    own = {"slots": {"green": {"settings": {"capacity": {"purchase": "spot"}}}}}
    made = stacks(released=own)
    assert made.of("AWS::Events::Rule", stack="power", path="SpotNotice")
    found = PowerSettings.from_env(variables(made, "Controller"))
    assert {name: slot.spot for name, slot in found.slots.items()} == {
        "blue": False, "green": True,
    }  # fmt: skip


def test_the_sweep_comes_each_minute_and_is_never_late(dev: Stacks) -> None:
    sweep = dev.one("AWS::Events::Rule", stack="power", path="Sweep")
    assert sweep["ScheduleExpression"] == "rate(1 minute)"
    (target,) = sweep["Targets"]
    assert json.loads(target["Input"]) == {"source": "sweep"}
    assert target["RetryPolicy"] == {
        "MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60,
    }  # fmt: skip


def test_each_server_of_each_slot_has_an_idle_alarm_that_calls_the_controller() -> None:
    made = stacks({"power": {"idle_minutes": 7.5}})
    alarms = made.of("AWS::CloudWatch::Alarm", stack="power")
    watched = set()
    for alarm in alarms.values():
        given = alarm["Properties"]
        watched.add(tuple(each["Value"] for each in given["Dimensions"]))
        assert (given["MetricName"], given["Statistic"]) == ("SecondsSinceLastRequest", "Minimum")
        assert (given["Threshold"], given["Period"], given["EvaluationPeriods"]) == (450, 60, 1)
        assert given["TreatMissingData"] == "notBreaching"
        assert "Controller" in json.dumps(given["AlarmActions"])
    assert watched == {(slot, one) for slot in ("blue", "green") for one in ("tts", "whisperx")}


def test_the_week_is_in_its_own_zone_and_a_late_stop_does_not_hit_the_next_day() -> None:
    week = {
        "time_zone": "America/New_York", "start": ["MON-FRI 08:05"], "stop": ["SAT,SUN 19:30"],
        "stop_quiet_minutes": 4,
    }  # fmt: skip
    made = stacks({"power": {"schedule": week}})
    found: dict[str, Any] = {}
    for each in made.of("AWS::Scheduler::Schedule", stack="power").values():
        given = each["Properties"]
        assert given["ScheduleExpressionTimezone"] == "America/New_York"
        assert given["FlexibleTimeWindow"] == {"Mode": "OFF"}
        target = given["Target"]
        assert target["RetryPolicy"] == {
            "MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 300,
        }  # fmt: skip
        assert "DeadLetters" in json.dumps(target["DeadLetterConfig"])
        found[given["ScheduleExpression"]] = json.loads(target["Input"])
    # The scheduler writes the time that was meant in its place, the same at each try.
    told = {"source": "schedule", "at": "<aws.scheduler.scheduled-time>"}
    assert found == {
        "cron(5 8 ? * MON,TUE,WED,THU,FRI *)": {**told, "action": "start"},
        "cron(30 19 ? * SAT,SUN *)": {**told, "action": "stop", "quiet_minutes": 4},
    }


def test_without_a_schedule_there_is_none_and_no_role(dev: Stacks) -> None:
    assert not dev.of("AWS::Scheduler::Schedule", stack="power")
    roles = json.dumps(dev.of("AWS::IAM::Role", stack="power"))
    assert "scheduler.amazonaws.com" not in roles


def test_a_caller_is_named_with_its_account(dev: Stacks) -> None:
    for permission in dev.of(PERMISSION, stack="power").values():
        given = permission["Properties"]
        assert given["SourceAccount"] == {"Ref": "AWS::AccountId"}
        assert given["SourceArn"]
