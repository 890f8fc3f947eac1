"""One page: is the GPU well, who uses it, how fast, what fails, what it has cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from stacks.names import SERVERS
from stacks.parts.alarm_metrics import SlotMetrics
from stacks.parts.power_metrics import PowerMetrics

HALF, THIRD = 12, 8


class VoiceDashboard(Construct):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        slots: Mapping[str, SlotMetrics],
        errors: cloudwatch.IMetric,
        alarms: Sequence[cloudwatch.IAlarm],
        prices: Mapping[str, float],
        power: PowerMetrics,
    ) -> None:
        super().__init__(scope, construct_id)
        self._slots, self._power = slots, power
        cloudwatch.Dashboard(
            self,
            "Page",
            dashboard_name=name,
            default_interval=cdk.Duration.hours(3),
            widgets=[
                [cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(alarms), width=24)],
                [
                    self._gpu("GPU use, %", "GpuUtilization", top=100),
                    self._gpu("GPU memory, %", "GpuMemoryPercent", top=100),
                    self._gpu("GPU temperature, °C", "GpuTemperature"),
                ],
                [
                    self._gpu("GPU power, W", "GpuPowerWatts"),
                    self._servers(
                        "Batches halved for want of GPU memory", "OutOfMemory", "Sum", THIRD
                    ),
                    self._voice("Texts that one batch may have", "BatchRows", "Minimum"),
                ],
                [
                    self._servers("Requests under way", "InFlight", "Maximum"),
                    self._servers("Work waiting", "QueueDepth", "Maximum"),
                ],
                [
                    self._servers("Model time of a piece, median, s", "GenerationSeconds", "p50"),
                    self._servers("Waiting time of a piece, p95, s", "QueueWaitSeconds", "p95"),
                ],
                [
                    cloudwatch.GraphWidget(title="Failed calls, %", left=[errors], width=THIRD),
                    self._servers("Faults", "ServerErrors", "Sum", THIRD),
                    self._servers("Turned away (429, 503)", "Rejections", "Sum", THIRD),
                ],
                [
                    self._voice("Texts cut off, too long for their words", "CappedTexts", "Sum"),
                    self._servers("Keys not refreshed", "KeyRefreshFailures", "Sum", THIRD),
                    self._servers("Results not stored", "ResultsFailures", "Sum", THIRD),
                ],
                [self._instances(), self._cost(prices)],
                [self._stops_and_starts(), self._month()],
            ],
        )

    def _gpu(self, title: str, metric: str, top: float | None = None) -> cloudwatch.GraphWidget:
        return cloudwatch.GraphWidget(
            title=title,
            left=[slot.gpu(metric) for slot in self._slots.values()],
            left_y_axis=cloudwatch.YAxisProps(min=0, max=top),
            width=THIRD,
        )

    def _voice(self, title: str, metric: str, statistic: str) -> cloudwatch.GraphWidget:
        return self._servers(title, metric, statistic, THIRD, servers=["tts"])

    def _servers(
        self,
        title: str,
        metric: str,
        statistic: str,
        width: int = HALF,
        servers: Iterable[str] = SERVERS,
    ) -> cloudwatch.GraphWidget:
        return cloudwatch.GraphWidget(
            title=title,
            left=[
                slot.server(server, metric, statistic)
                for slot in self._slots.values()
                for server in servers
            ],
            left_y_axis=cloudwatch.YAxisProps(min=0),
            width=width,
        )

    def _instances(self) -> cloudwatch.GraphWidget:
        return cloudwatch.GraphWidget(
            title="GPU instances",
            left=[slot.in_service for slot in self._slots.values()],
            left_y_axis=cloudwatch.YAxisProps(min=0),
            width=HALF,
        )

    def _stops_and_starts(self) -> cloudwatch.GraphWidget:
        power = self._power
        return cloudwatch.GraphWidget(
            title="Failed starts, forced stops, minutes overdue",
            left=[
                power.both("StartFailures", "Sum", "failed starts"),
                power.both("ForcedStops", "Sum", "forced stops"),
            ],
            right=[power.both("OverdueMinutes", "Maximum", "minutes overdue")],
            left_y_axis=cloudwatch.YAxisProps(min=0),
            right_y_axis=cloudwatch.YAxisProps(min=0),
            width=HALF,
        )

    def _month(self) -> cloudwatch.GraphWidget:
        return cloudwatch.GraphWidget(
            title="GPU cost of this month as the budget counts it, USD",
            start="-P30D",
            left=[self._power.month_cost],
            left_y_axis=cloudwatch.YAxisProps(min=0),
            width=HALF,
        )

    def _cost(self, prices: Mapping[str, float]) -> cloudwatch.GraphWidget:
        hours = {name: slot.instance_hours for name, slot in self._slots.items()}
        spent = " + ".join(f"FILL({name}, 0) * {prices[name]:g}" for name in hours)
        return cloudwatch.GraphWidget(
            title="GPU cost to date, last 30 days, USD (GPU only)",
            start="-P30D",
            period=cdk.Duration.hours(1),
            left=[
                cloudwatch.MathExpression(
                    expression=f"RUNNING_SUM({spent})",
                    using_metrics=dict(hours),
                    period=cdk.Duration.hours(1),
                    label="USD",
                )
            ],
            left_y_axis=cloudwatch.YAxisProps(min=0),
            width=HALF,
        )
