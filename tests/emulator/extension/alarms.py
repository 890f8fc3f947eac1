"""CloudWatch: composite alarms and metric math in templates, and alarms on their own dimensions."""

from __future__ import annotations

from typing import Any

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from tests.emulator.extension.registry import Created, Properties, answer, define, physical_name

# What a metric-math alarm has in its Metrics instead; MiniStack insists on having them.
SINGLE = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions")
_plain_record = provisioners._cw_metric_alarm_record
_plain_evaluation = cloudwatch._evaluate_alarm


def install() -> None:
    define("AWS::CloudWatch::CompositeAlarm", create=_create, update=_update, delete=_delete)
    provisioners._cw_metric_alarm_record = _record
    cloudwatch._evaluate_alarm = _evaluate


def _create(logical_id: str, properties: Properties, stack: str) -> Created:
    return _put(properties.get("AlarmName") or physical_name(stack, logical_id), properties)


def _update(
    physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str
) -> Created:
    if old.get("AlarmName") != new.get("AlarmName"):
        created = _create(logical_id, new, stack)
        provisioners._delete_predecessor(_delete, physical_id, old)
        return created
    return _put(physical_id, new)


def _put(name: str, properties: Properties) -> Created:
    request = {**properties, "AlarmName": name}
    answer(cloudwatch._put_composite_alarm({}, request, False, True))
    return name, {"Arn": cloudwatch._composite_alarms[name]["AlarmArn"]}


def _delete(physical_id: str, properties: Properties) -> None:
    answer(cloudwatch._delete_alarms({}, {"AlarmNames": [physical_id]}, False, True))


def _record(name: str, properties: Properties) -> dict[str, Any]:
    """A metric-math alarm is stored and described; nothing here computes its expression."""
    if not properties.get("Metrics"):
        plain: dict[str, Any] = _plain_record(name, properties)
        return plain
    single = {k: v for k, v in properties.items() if k != "Metrics"}
    alarm: dict[str, Any] = _plain_record(name, {**single, "MetricName": "-", "Namespace": "-"})
    for field in SINGLE:
        alarm.pop(field, None)
    alarm["Metrics"] = properties["Metrics"]
    return alarm


def _evaluate(alarm: dict[str, Any]) -> None:
    """An alarm watches the one metric with exactly its dimensions; MiniStack mixes all that share
    a name."""
    if not alarm.get("MetricName"):
        return
    named = {part["Name"]: part["Value"] for part in alarm.get("Dimensions") or []}
    own = (alarm["Namespace"], alarm["MetricName"], cloudwatch._dims_key(named))
    everything = cloudwatch._metrics
    cloudwatch._metrics = {own: everything.get(own, [])}
    try:
        _plain_evaluation(alarm)
    finally:
        cloudwatch._metrics = everything
