"""CloudWatch: an alarm calls a function on a change of its state, once for each change."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch

from tests.emulator.extension import asynchronous, callers

PRINCIPAL = "lambda.alarms.cloudwatch.amazonaws.com"
ACTIONS = {
    "ALARM": "AlarmActions",
    "OK": "OKActions",
    "INSUFFICIENT_DATA": "InsufficientDataActions",
}
log = logging.getLogger("alarm actions")
_plain_dispatch = cloudwatch._dispatch_alarm_actions


def install() -> None:
    cloudwatch._dispatch_alarm_actions = _dispatch


def _dispatch(alarm: Mapping[str, Any], old: str, new: str, reason: str) -> None:
    _plain_dispatch(alarm, old, new, reason)
    if not alarm.get("ActionsEnabled", True):
        return
    for action in alarm.get(ACTIONS[new]) or []:
        if not action.startswith("arn:aws:lambda:"):
            continue
        if callers.may_call(action, PRINCIPAL, alarm["AlarmArn"]):
            asynchronous.invoke(action, _event(alarm, old, new, reason))
        else:
            log.error("The alarm %s may not invoke %s.", alarm["AlarmName"], action)


def _event(alarm: Mapping[str, Any], old: str, new: str, reason: str) -> dict[str, Any]:
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000+0000"
    metrics = [_query(one) for one in alarm.get("Metrics") or []] or [_single(alarm)]
    if "AlarmRule" in alarm:
        described: dict[str, Any] = {"alarmRule": alarm["AlarmRule"]}
    else:
        described = {"metrics": metrics}
    return {
        "source": "aws.cloudwatch",
        "alarmArn": alarm["AlarmArn"],
        "accountId": get_account_id(),
        "time": now,
        "region": get_region(),
        "alarmData": {
            "alarmName": alarm["AlarmName"],
            "state": {"value": new, "reason": reason, "timestamp": now},
            "previousState": {"value": old, "reason": "", "timestamp": now},
            "configuration": {"description": alarm.get("AlarmDescription", ""), **described},
        },
    }


def _single(alarm: Mapping[str, Any]) -> dict[str, Any]:
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic", "Average")
    return {
        "id": "m1",
        "metricStat": _stat(alarm, alarm.get("Period", 60), statistic),
        "returnData": True,
    }


def _query(one: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"id": one["Id"], "returnData": one.get("ReturnData", True)}
    if "Expression" in one:
        return {**found, "expression": one["Expression"]}
    stat = one["MetricStat"]
    return {**found, "metricStat": _stat(stat["Metric"], stat["Period"], stat["Stat"])}


def _stat(metric: Mapping[str, Any], period: int, statistic: str) -> dict[str, Any]:
    dimensions = {one["Name"]: one["Value"] for one in metric.get("Dimensions") or []}
    named = {
        "namespace": metric.get("Namespace"),
        "name": metric.get("MetricName"),
        "dimensions": dimensions,
    }
    return {"metric": named, "period": period, "stat": statistic}
