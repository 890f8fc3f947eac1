"""What the power controller prints of itself, and what AWS counts of its function and queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

from stacks.parts.alarm_metrics import FIVE_MINUTES

ALL_SLOTS = "all"


@dataclass(frozen=True, slots=True)
class PowerMetrics:
    """`controller` and `dead_letters` are the names of the function and of its queue."""

    namespace: str
    slots: Sequence[str]
    controller: str
    dead_letters: str

    def of_slot(self, slot: str, name: str, statistic: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=self.namespace,
            metric_name=name,
            statistic=statistic,
            period=FIVE_MINUTES,
            dimensions_map={"Slot": slot},
            label=slot,
        )

    def both(self, name: str, statistic: str, label: str) -> cloudwatch.MathExpression:
        """The larger one of both slots; 0 while neither has anything to say."""
        used = {f"{slot}_{name}": self.of_slot(slot, name, statistic) for slot in self.slots}
        filled = ", ".join(f"FILL({key}, 0)" for key in used)
        return cloudwatch.MathExpression(
            expression=f"MAX([{filled}])",
            using_metrics=dict(used),
            period=FIVE_MINUTES,
            label=label,
        )

    def function(self, name: str, period: cdk.Duration) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/Lambda",
            metric_name=name,
            statistic="Sum",
            period=period,
            dimensions_map={"FunctionName": self.controller},
        )

    @property
    def waiting(self) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            statistic="Maximum",
            period=FIVE_MINUTES,
            dimensions_map={"QueueName": self.dead_letters},
        )

    @property
    def month_cost(self) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=self.namespace,
            metric_name="MonthCostUsd",
            statistic="Maximum",
            period=FIVE_MINUTES,
            dimensions_map={"Slot": ALL_SLOTS},
            label="USD this month",
        )
