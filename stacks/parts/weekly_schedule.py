"""Starts and stops by the clock, in a zone that knows summer time."""

from __future__ import annotations

import json
from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from config.schedule import ScheduleSettings, weekly_time
from stacks.parts.power_controller import PowerController
from stacks.reasons import accept_checkov

# Retried for a day, as is usual, a late stop would hit the next morning.
RETRIES, MOST_AGE_SECONDS = 2, 300


class WeeklySchedule(Construct):
    """One schedule for each time of the settings; none, and no role, without any."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        schedule: ScheduleSettings,
        controller: PowerController,
        queue: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        if not schedule.start and not schedule.stop:
            return
        self._zone, self._arn, self._queue = (
            schedule.time_zone, controller.function.function_arn, queue.queue_arn,
        )  # fmt: skip
        self._role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}},
            ),
        )
        for action, resource in (
            ("lambda:InvokeFunction", self._arn),
            ("sqs:SendMessage", self._queue),
        ):
            self._role.add_to_policy(iam.PolicyStatement(actions=[action], resources=[resource]))
        # The scheduler puts the time in, the same at each try.
        at = {"at": "<aws.scheduler.scheduled-time>"}
        pause = {"quiet_minutes": schedule.stop_quiet_minutes, **at}
        for order, text in enumerate(schedule.start):
            self._add(f"Start{order}", text, {"source": "schedule", "action": "start", **at})
        for order, text in enumerate(schedule.stop):
            self._add(f"Stop{order}", text, {"source": "schedule", "action": "stop", **pause})

    def _add(self, construct_id: str, text: str, event: Mapping[str, object]) -> None:
        at = weekly_time(text)
        hour, minute = divmod(at.minute, 60)
        made = scheduler.CfnSchedule(
            self,
            construct_id,
            description=f"{text}, {self._zone}",
            schedule_expression=f"cron({minute} {hour} ? * {','.join(at.days)} *)",
            schedule_expression_timezone=self._zone,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=self._arn,
                role_arn=self._role.role_arn,
                input=json.dumps(event, separators=(",", ":")),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_retry_attempts=RETRIES, maximum_event_age_in_seconds=MOST_AGE_SECONDS
                ),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=self._queue),
            ),
        )
        # The service tries the role when the schedule is made.
        made.node.add_dependency(self._role)
        accept_checkov(
            made,
            "It holds two words; encrypted by EventBridge itself, and a key of our own costs $1 a "
            "month.",
            "CKV_AWS_297",
        )
