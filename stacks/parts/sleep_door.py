"""The front function behind the load balancer: `/power` always, a slot's calls while it sleeps."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.names import POWER_PRIORITY


class SleepDoor(Construct):
    """`target_group` is where the controller's own rules lead to; the rule here is `/power`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        listener: elbv2.IApplicationListener,
        front: lambda_.IFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        groups = cdk.Stack.of(self).format_arn(
            service="elasticloadbalancing", resource="targetgroup", resource_name="*"
        )
        # The group's ARN is not known yet: it is made with its target, which needs this.
        allowed = lambda_.CfnPermission(
            self,
            "LoadBalancer",
            action="lambda:InvokeFunction",
            function_name=front.function_arn,
            principal="elasticloadbalancing.amazonaws.com",
            source_arn=groups,
            source_account=cdk.Aws.ACCOUNT_ID,
        )
        self.target_group = elbv2.CfnTargetGroup(
            self,
            "Group",
            target_type="lambda",
            targets=[elbv2.CfnTargetGroup.TargetDescriptionProperty(id=front.function_arn)],
            # A check would be an invocation each half a minute, to learn nothing.
            health_check_enabled=False,
        )
        self.target_group.add_resource_dependency(allowed)
        elbv2.CfnListenerRule(
            self,
            "Power",
            listener_arn=listener.listener_arn,
            priority=POWER_PRIORITY,
            conditions=[
                elbv2.CfnListenerRule.RuleConditionProperty(
                    field="path-pattern",
                    path_pattern_config=elbv2.CfnListenerRule.PathPatternConfigProperty(
                        values=["/power", "/power/*"]
                    ),
                )
            ],
            actions=[
                elbv2.CfnListenerRule.ActionProperty(
                    type="forward", target_group_arn=self.target_group.ref
                )
            ],
        )
