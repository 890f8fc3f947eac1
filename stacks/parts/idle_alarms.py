"""Alarms that tell the controller, and nobody else, that a server had no request for a while.

They act once, when a server becomes idle; what the controller refuses then, the sweep repeats.
"""

from __future__ import annotations

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from config.release import SLOTS
from stacks.names import SERVERS
from stacks.parts.power_controller import PowerController

ALARMS = "lambda.alarms.cloudwatch.amazonaws.com"


class IdleAlarms(Construct):
    """No heading in the runbook leads from them: an idle GPU is no trouble."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        namespace: str,
        idle_minutes: float,
        controller: PowerController,
    ) -> None:
        super().__init__(scope, construct_id)
        for slot in SLOTS:
            for server in SERVERS:
                name = f"{slot.capitalize()}{server.capitalize()}Idle"
                alarm = cloudwatch.CfnAlarm(
                    self,
                    name,
                    alarm_description=f"{server} of {slot} is idle; the power controller decides.",
                    namespace=namespace,
                    metric_name="SecondsSinceLastRequest",
                    dimensions=[
                        cloudwatch.CfnAlarm.DimensionProperty(name=key, value=value)
                        for key, value in (("Slot", slot), ("Server", server))
                    ],
                    statistic="Minimum",
                    period=60,
                    threshold=60 * idle_minutes,
                    comparison_operator="GreaterThanOrEqualToThreshold",
                    evaluation_periods=1,
                    datapoints_to_alarm=1,
                    treat_missing_data="notBreaching",
                    alarm_actions=[controller.function.function_arn],
                )
                controller.let(name, service=ALARMS, source_arn=alarm.attr_arn)
