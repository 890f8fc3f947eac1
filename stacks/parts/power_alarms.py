"""Alarms on what turns the GPU on and off, each with a heading in docs/runbook.md."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from stacks.parts.alarm_metrics import FIVE_MINUTES
from stacks.parts.power_metrics import PowerMetrics

QUARTER = cdk.Duration.minutes(15)
AT_LEAST = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
MISSING = cloudwatch.TreatMissingData
# A stop waits for a look, a drain and an instance's end: so long is no fault.
OVERDUE_MINUTES = 15


class PowerAlarms(Construct):
    """`all` has every one."""

    def __init__(self, scope: Construct, construct_id: str, *, power: PowerMetrics) -> None:
        super().__init__(scope, construct_id)
        self.all: list[cloudwatch.AlarmBase] = [
            self._alarm(
                "PowerFunctionErrors",
                power.function("Errors", QUARTER),
                "The power controller fails again and again.",
                threshold=3,
            ),
            cloudwatch.Alarm(
                self,
                "PowerSilent",
                metric=power.function("Invocations", FIVE_MINUTES),
                threshold=1,
                evaluation_periods=2,
                comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
                treat_missing_data=MISSING.BREACHING,
                alarm_description=_text("Nothing stops the GPU.", "PowerSilent"),
            ),
            self._alarm(
                "PowerDeadLetters",
                power.waiting,
                "The power controller was told something and never got to it.",
            ),
            self._alarm(
                "GpuStartFailed",
                power.both("StartFailures", "Sum", "failed starts"),
                "The GPU was asked for and did not get warm.",
            ),
            self._alarm(
                "GpuOverdue",
                power.both("OverdueMinutes", "Maximum", "minutes overdue"),
                "The GPU is on for longer than the rules allow, or an instance does not end.",
                threshold=OVERDUE_MINUTES,
            ),
            self._alarm(
                "ForcedStop",
                power.both("ForcedStops", "Sum", "forced stops"),
                "The GPU is stopped without waiting for the end of all work.",
            ),
        ]

    def _alarm(
        self, name: str, metric: cloudwatch.IMetric, what: str, threshold: float = 1
    ) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            self,
            name,
            metric=metric,
            threshold=threshold,
            evaluation_periods=1,
            comparison_operator=AT_LEAST,
            treat_missing_data=MISSING.NOT_BREACHING,
            alarm_description=_text(what, name),
        )


def _text(what: str, name: str) -> str:
    return f"{what} docs/runbook.md#{name.lower()}"
