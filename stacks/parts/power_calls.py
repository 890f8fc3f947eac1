"""What calls the controller by itself: each minute, and when AWS takes a Spot instance back."""

from __future__ import annotations

from aws_cdk import aws_events as events
from constructs import Construct

from stacks.parts.power_controller import PowerController

EVENTS = "events.amazonaws.com"
SPOT_NOTICE = "EC2 Spot Instance Interruption Warning"
# The next sweep comes anyway; a notice is worth nothing when the instance is gone.
SWEEP_AGE_SECONDS, NOTICE_AGE_SECONDS = 60, 120


class PowerCalls(Construct):
    """The sweep repeats what an alarm says once, and finds what nobody said."""

    def __init__(
        self, scope: Construct, construct_id: str, *, controller: PowerController, spot: bool
    ) -> None:
        super().__init__(scope, construct_id)
        sweep = events.CfnRule(
            self,
            "Sweep",
            description="Has the controller look at the GPU.",
            schedule_expression="rate(1 minute)",
            targets=[
                _target(controller, 0, SWEEP_AGE_SECONDS, text='{"source":"sweep"}'),
            ],
        )
        controller.let("Sweep", service=EVENTS, source_arn=sweep.attr_arn)
        if spot:
            notice = events.CfnRule(
                self,
                "SpotNotice",
                description="AWS takes a Spot instance back in two minutes.",
                event_pattern={"source": ["aws.ec2"], "detail-type": [SPOT_NOTICE]},
                targets=[_target(controller, 2, NOTICE_AGE_SECONDS)],
            )
            controller.let("SpotNotice", service=EVENTS, source_arn=notice.attr_arn)


def _target(
    controller: PowerController, retries: int, age_seconds: int, text: str | None = None
) -> events.CfnRule.TargetProperty:
    return events.CfnRule.TargetProperty(
        id="controller",
        arn=controller.function.function_arn,
        input=text,
        retry_policy=events.CfnRule.RetryPolicyProperty(
            maximum_retry_attempts=retries, maximum_event_age_in_seconds=age_seconds
        ),
    )
