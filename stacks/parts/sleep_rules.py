"""The controller's own listener rules, as CloudFormation sees them: one thing, made and deleted."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from constructs import Construct, IConstruct


class SleepRules(Construct):
    """At its creation the controller looks for the first time; at its deletion, it takes its rules
    away and makes no more.

    `needs` must be there for that; what invokes the controller must depend on this, so that it is
    silent before the rules go.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        controller: lambda_.Function,
        needs: Sequence[IConstruct],
    ) -> None:
        super().__init__(scope, construct_id)
        rules = cdk.CustomResource(
            self,
            "Rules",
            resource_type="Custom::SleepRules",
            service_token=controller.function_arn,
            service_timeout=cdk.Duration.minutes(5),
            # Always the same: no deploy needs it done again, the sweep does it each minute.
            properties={"Version": "1"},
        )
        rules.node.add_dependency(*needs)
