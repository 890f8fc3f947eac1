"""Alarms and dashboard: right about what hurts, silent about what does not."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from power.journal import LogJournal
from power.model import Decision, Facts, SlotRecord
from power.policy import Policy
from tests.infrastructure.stacks_under_test import Stacks, stacks

ALARM, COMPOSITE = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"


def alarm(made: Stacks, name: str) -> Any:
    return made.one(ALARM, stack="operations", path=name)


def test_alarms_tell_a_topic_and_the_topic_an_address() -> None:
    made = stacks({"alarms": {"email": "ops@example.com"}})
    names = ("GpuMemoryHigh", "GpuMemoryShort", "ErrorRateHigh", "KeysStale")
    told = [alarm(made, name) for name in names]
    told += [each["Properties"] for each in made.of(COMPOSITE, stack="operations").values()]
    told += [
        each["Properties"] for each in made.of(ALARM, stack="operations", path="/Power/").values()
    ]
    assert len(told) == 4 + 2 + 6
    for each in told:
        assert "Alerts" in json.dumps(each["AlarmActions"])
    assert made.one("AWS::SNS::Subscription", stack="operations")["Endpoint"] == "ops@example.com"


def test_cloudwatch_may_publish_to_the_topic(dev: Stacks) -> None:
    policy = dev.one("AWS::SNS::TopicPolicy", stack="operations")["PolicyDocument"]["Statement"]
    (allowed,) = [statement for statement in policy if statement["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allowed["Action"] == "sns:Publish"
    assert allowed["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
    }  # fmt: skip


def test_a_gpu_that_is_off_sets_off_no_alarm(dev: Stacks) -> None:
    servers = ("GpuMemoryHigh", "GpuMemoryShort", "ErrorRateHigh", "KeysStale")
    power = ("GpuStartFailed", "GpuOverdue")
    for name in (*servers, *power, "Blue/StatusCheckFailed", "Blue/RunningLong"):
        assert alarm(dev, name)["TreatMissingData"] == "notBreaching"
    # Silence alone is an alarm's state of an off GPU: it only counts beside a running instance.
    assert alarm(dev, "Blue/Silent")["TreatMissingData"] == "breaching"
    rule = json.dumps(dev.one(COMPOSITE, stack="operations", path="BlueUnreachable")["AlarmRule"])
    assert "AND" in rule
    assert rule.index("StatusCheckFailed") < rule.index("OR") < rule.index("Silent")


def test_unreachable_waits_until_a_start_must_be_over() -> None:
    made = stacks({"servers": {"start_minutes": 25}, "alarms": {"silent_minutes": 7}})
    running = alarm(made, "Blue/RunningLong")
    assert 25 < running["DatapointsToAlarm"] < running["EvaluationPeriods"]
    assert alarm(made, "Blue/Silent")["EvaluationPeriods"] == 7


def test_the_error_rate_needs_calls_and_takes_an_honest_503_for_what_it_is(dev: Stacks) -> None:
    made = stacks({"alarms": {"error_calls": 17, "error_percent": 4}})
    found = alarm(made, "ErrorRateHigh")
    assert found["Threshold"] == 4
    (expression,) = [m["Expression"] for m in found["Metrics"] if "Expression" in m]
    assert ">= 17" in expression
    names = {m["MetricStat"]["Metric"]["MetricName"] for m in found["Metrics"] if "MetricStat" in m}
    assert names == {
        "Requests", "ServerErrors", "HTTPCode_ELB_502_Count", "HTTPCode_ELB_504_Count",
    }  # fmt: skip


def test_the_dashboard_shows_what_the_gpu_has_cost() -> None:
    spot = {"slots": {"green": {"settings": {"capacity": {"price_per_hour": 0.5}}}}}
    made = stacks({"capacity": {"price_per_hour": 1.25}}, spot)
    body = json.dumps(made.one("AWS::CloudWatch::Dashboard", stack="operations"))
    assert "RUNNING_SUM(FILL(blue, 0) * 1.25 + FILL(green, 0) * 0.5)" in body
    assert "GroupTotalInstances" in body
    for metric in ("GpuUtilization", "InFlight", "GenerationSeconds", "ServerErrors"):
        assert metric in body


def test_the_dashboard_shows_what_the_engines_of_a_gpu_count(dev: Stacks) -> None:
    body = json.dumps(dev.one("AWS::CloudWatch::Dashboard", stack="operations"))
    text = body.replace("\\", "")
    for slot in ("blue", "green"):
        assert f'"GpuVoice/dev","GpuPowerWatts","Slot","{slot}"' in text
        for metric, servers in (
            ("OutOfMemory", {"tts", "whisperx"}),
            ("BatchRows", {"tts"}),
            ("CappedTexts", {"tts"}),
        ):
            pattern = rf'"GpuVoice/dev","{metric}","Server","(\w+)","Slot","{slot}"'
            assert set(re.findall(pattern, text)) == servers, (metric, slot)


def test_gpu_memory_that_runs_out_more_than_a_few_times_is_an_alarm(dev: Stacks) -> None:
    short = alarm(dev, "GpuMemoryShort")
    assert (short["Threshold"], short["ComparisonOperator"]) == (3, "GreaterThanThreshold")
    counted = [each["MetricStat"] for each in short["Metrics"] if "MetricStat" in each]
    assert {(each["Period"], each["Stat"]) for each in counted} == {(900, "Sum")}
    assert {each["Metric"]["MetricName"] for each in counted} == {"OutOfMemory"}
    where = {
        tuple(dimension["Value"] for dimension in each["Metric"]["Dimensions"]) for each in counted
    }
    assert where == {
        ("tts", "blue"), ("tts", "green"), ("whisperx", "blue"), ("whisperx", "green"),
    }  # fmt: skip
    (expression,) = [each["Expression"] for each in short["Metrics"] if "Expression" in each]
    assert expression.count("FILL(") == len(counted) == 4


def test_a_controller_that_nobody_calls_is_an_alarm_within_ten_minutes(dev: Stacks) -> None:
    silent = alarm(dev, "PowerSilent")
    assert silent["TreatMissingData"] == "breaching"
    assert (silent["Period"], silent["EvaluationPeriods"]) == (300, 2)
    assert (silent["Threshold"], silent["ComparisonOperator"]) == (1, "LessThanThreshold")
    controller = dev.one("AWS::Lambda::Function", stack="power", path="/Controller/")
    name = {"Name": "FunctionName", "Value": controller["FunctionName"]}
    for each in (silent, alarm(dev, "PowerFunctionErrors")):
        assert each["Dimensions"] == [name]


def test_what_the_controller_prints_is_what_the_alarms_watch(
    dev: Stacks, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the log line of a forced stop to the metrics of the alarms and the dashboard."""
    facts = Facts("blue", True, SlotRecord(phase="on"), Policy())
    LogJournal("GpuVoice/dev").decided(facts, Decision("close", "", "cap"), 0.0)
    printed = set()
    for line in map(json.loads, capsys.readouterr().out.splitlines()):
        if "_aws" in line:
            (directive,) = line["_aws"]["CloudWatchMetrics"]
            ((key,),) = directive["Dimensions"]
            names = {each["Name"] for each in directive["Metrics"]}
            printed |= {(directive["Namespace"], key, line[key], name) for name in names}
    watched = {
        (found["Namespace"], *found["Dimensions"][0].values(), found["MetricName"])
        for name in ("GpuStartFailed", "GpuOverdue", "ForcedStop")
        for found in (
            each["MetricStat"]["Metric"]
            for each in alarm(dev, name)["Metrics"]
            if "MetricStat" in each
        )
    }
    assert {each for each in watched if "blue" in each} <= printed
    assert len(watched) == 6
    body = json.dumps(dev.one("AWS::CloudWatch::Dashboard", stack="operations"))
    assert ("GpuVoice/dev", "Slot", "all", "MonthCostUsd") in printed
    assert '"GpuVoice/dev","MonthCostUsd","Slot","all"' in body.replace("\\", "")
