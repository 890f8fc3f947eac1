"""The metrics of a slot, by the names that servers and AWS publish them under."""

from __future__ import annotations

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

from stacks.names import SERVERS

MINUTE = cdk.Duration.minutes(1)
FIVE_MINUTES = cdk.Duration.minutes(5)


@dataclass(frozen=True, slots=True)
class SlotMetrics:
    """Metrics of one slot. `namespace` is that of the servers; `group` its Auto Scaling group."""

    namespace: str
    slot: str
    group: str

    def server(
        self, server: str, name: str, statistic: str, period: cdk.Duration = MINUTE
    ) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=self.namespace,
            metric_name=name,
            statistic=statistic,
            period=period,
            dimensions_map={"Slot": self.slot, "Server": server},
            label=f"{self.slot} {server}",
        )

    def gpu(self, name: str) -> cloudwatch.Metric:
        """Of the slot's one GPU, which no server owns."""
        return cloudwatch.Metric(
            namespace=self.namespace,
            metric_name=name,
            statistic="Maximum",
            period=MINUTE,
            dimensions_map={"Slot": self.slot},
            label=self.slot,
        )

    @property
    def heartbeat(self) -> cloudwatch.MathExpression:
        """The quieter server's lines in a minute: both must be heard."""
        lines = {
            server: self.server(server, "SecondsSinceLastRequest", "SampleCount")
            for server in SERVERS
        }
        heard = ", ".join(f"FILL({server}, 0)" for server in lines)
        return cloudwatch.MathExpression(
            expression=f"MIN([{heard}])", using_metrics=dict(lines), period=MINUTE
        )

    @property
    def in_service(self) -> cloudwatch.Metric:
        return self._group("AWS/AutoScaling", "GroupInServiceInstances", "Average", MINUTE)

    @property
    def status_check(self) -> cloudwatch.Metric:
        return self._group("AWS/EC2", "StatusCheckFailed", "Maximum", MINUTE)

    @property
    def instance_hours(self) -> cloudwatch.Metric:
        """Instances that are paid for, booting ones too, averaged over each hour."""
        hour = cdk.Duration.hours(1)
        return self._group("AWS/AutoScaling", "GroupTotalInstances", "Average", hour)

    def _group(
        self, namespace: str, name: str, statistic: str, period: cdk.Duration
    ) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=namespace,
            metric_name=name,
            statistic=statistic,
            period=period,
            dimensions_map={"AutoScalingGroupName": self.group},
            label=self.slot,
        )
