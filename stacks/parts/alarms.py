"""Alarms on what would hurt, each with a heading in docs/runbook.md."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from config.alarms import AlarmsSettings
from stacks.names import SERVERS
from stacks.parts.alarm_metrics import FIVE_MINUTES, MINUTE, SlotMetrics

MISSING_IS_FINE = cloudwatch.TreatMissingData.NOT_BREACHING
BOOT_MARGIN_MINUTES = 10
LOST_MINUTES = 3
QUARTER = cdk.Duration.minutes(15)
# A batch of long texts may be halved now and then, and the server remembers.
FEW_HALVED = 3


class Alarms(Construct):
    """`all` has every alarm that somebody is told of. A GPU that is off sets off none."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        slots: Mapping[str, SlotMetrics],
        errors: cloudwatch.IMetric,
        alarms: AlarmsSettings,
        start_minutes: int,
    ) -> None:
        super().__init__(scope, construct_id)
        memory = cloudwatch.MathExpression(
            expression=f"MAX([{', '.join(slots)}])",
            using_metrics={name: slot.gpu("GpuMemoryPercent") for name, slot in slots.items()},
            period=MINUTE,
            label="GPU memory, %",
        )
        self.all: list[cloudwatch.AlarmBase] = [
            cloudwatch.Alarm(
                self,
                "GpuMemoryHigh",
                metric=memory,
                threshold=alarms.gpu_memory_percent,
                evaluation_periods=3,
                datapoints_to_alarm=2,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                treat_missing_data=MISSING_IS_FINE,
                alarm_description="GPU memory is nearly full. docs/runbook.md#gpumemoryhigh",
            ),
            cloudwatch.Alarm(
                self,
                "ErrorRateHigh",
                metric=errors,
                threshold=alarms.error_percent,
                evaluation_periods=1,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                treat_missing_data=MISSING_IS_FINE,
                alarm_description="Many calls fail. docs/runbook.md#errorratehigh",
            ),
        ]
        self.all += [self._memory_short(slots), self._stale_keys(slots)]
        for name, slot in slots.items():
            self.all.append(self._unreachable(name, slot, alarms.silent_minutes, start_minutes))

    def _memory_short(self, slots: Mapping[str, SlotMetrics]) -> cloudwatch.Alarm:
        """Batches do not fit the GPU again and again: work is done, and slowly."""
        return cloudwatch.Alarm(
            self,
            "GpuMemoryShort",
            metric=_of_all_servers(
                slots, "OutOfMemory", QUARTER, label="batches halved for want of GPU memory"
            ),
            threshold=FEW_HALVED,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=MISSING_IS_FINE,
            alarm_description=(
                "GPU memory runs out again and again. docs/runbook.md#gpumemoryshort"
            ),
        )

    def _stale_keys(self, slots: Mapping[str, SlotMetrics]) -> cloudwatch.Alarm:
        """Secrets cannot be read for a while: revoked keys stay valid as long."""
        return cloudwatch.Alarm(
            self,
            "KeysStale",
            metric=_of_all_servers(
                slots, "KeyRefreshFailures", FIVE_MINUTES, label="failed refreshes of keys"
            ),
            threshold=1,
            evaluation_periods=3,
            treat_missing_data=MISSING_IS_FINE,
            alarm_description="Keys cannot be refreshed. docs/runbook.md#keysstale",
        )

    def _unreachable(
        self, name: str, slot: SlotMetrics, silent_minutes: int, start_minutes: int
    ) -> cloudwatch.CompositeAlarm:
        """Broken hardware, or silence of an instance in service for longer than a start takes."""
        scope = Construct(self, name.capitalize())
        broken = cloudwatch.Alarm(
            scope,
            "StatusCheckFailed",
            metric=slot.status_check,
            threshold=1,
            evaluation_periods=3,
            treat_missing_data=MISSING_IS_FINE,
        )
        silent = cloudwatch.Alarm(
            scope,
            "Silent",
            metric=slot.heartbeat,
            threshold=1,
            evaluation_periods=silent_minutes,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )
        running = cloudwatch.Alarm(
            scope,
            "RunningLong",
            metric=slot.in_service,
            threshold=1,
            evaluation_periods=start_minutes + BOOT_MARGIN_MINUTES,
            # Metrics of a group are best effort: a few may be missing.
            datapoints_to_alarm=start_minutes + BOOT_MARGIN_MINUTES - LOST_MINUTES,
            comparison_operator=(cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD),
            treat_missing_data=MISSING_IS_FINE,
        )
        on = cloudwatch.AlarmState.ALARM
        rule = cloudwatch.AlarmRule
        return cloudwatch.CompositeAlarm(
            self,
            f"{name.capitalize()}Unreachable",
            alarm_rule=rule.any_of(
                rule.from_alarm(broken, on),
                rule.all_of(rule.from_alarm(silent, on), rule.from_alarm(running, on)),
            ),
            alarm_description=(
                f"The {name} slot costs money and answers nobody. docs/runbook.md#{name}unreachable"
            ),
        )


def _of_all_servers(
    slots: Mapping[str, SlotMetrics], name: str, period: cdk.Duration, *, label: str
) -> cloudwatch.MathExpression:
    """How often it happened in a period, in both servers of both slots together."""
    counted = {
        f"{slot}_{server}": metrics.server(server, name, "Sum", period)
        for slot, metrics in slots.items()
        for server in SERVERS
    }
    return cloudwatch.MathExpression(
        expression=" + ".join(f"FILL({key}, 0)" for key in counted),
        using_metrics=dict(counted),
        period=period,
        label=label,
    )
