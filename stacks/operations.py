"""The operations stack: alarms, who is told of them, and a dashboard."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from config.alarms import AlarmsSettings
from stacks.names import Naming
from stacks.parts.alarm_metrics import SlotMetrics
from stacks.parts.alarms import Alarms
from stacks.parts.dashboard import VoiceDashboard
from stacks.parts.error_rate import error_rate
from stacks.parts.power_alarms import PowerAlarms
from stacks.parts.power_metrics import PowerMetrics
from stacks.reasons import accept_checkov


class OperationsStack(cdk.Stack):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        env: cdk.Environment,
        naming: Naming,
        groups: Mapping[str, str],
        balancer: str,
        dead_letters: str,
        alarms: AlarmsSettings,
        start_minutes: int,
        prices: Mapping[str, float],
    ) -> None:
        super().__init__(scope, construct_id, env=env, description="GPU Voice: operations")
        topic = self._topic(alarms.email)
        slots = {slot: SlotMetrics(naming.namespace, slot, group) for slot, group in groups.items()}
        errors = error_rate(slots, balancer=balancer, fewest_calls=alarms.error_calls)
        power = PowerMetrics(naming.namespace, tuple(slots), naming.controller, dead_letters)
        made = [
            *Alarms(
                self,
                "Alarms",
                slots=slots,
                errors=errors,
                alarms=alarms,
                start_minutes=start_minutes,
            ).all,
            *PowerAlarms(self, "Power", power=power).all,
        ]
        for alarm in made:
            alarm.add_alarm_action(actions.SnsAction(topic))
            alarm.add_ok_action(actions.SnsAction(topic))
        VoiceDashboard(
            self,
            "Dashboard",
            name=naming.prefix,
            slots=slots,
            errors=errors,
            alarms=made,
            prices=prices,
            power=power,
        )

    def _topic(self, email: str | None) -> sns.Topic:
        topic = sns.Topic(self, "Alerts", enforce_ssl=True)
        # A policy of our own, here the one that asks for TLS, takes the place of the one that
        # would let alarms publish.
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}},
            )
        )
        accept_checkov(
            topic,
            "Messages name alarms and metrics, nothing secret; CloudWatch cannot publish "
            "through the key that AWS keeps for SNS, and one of our own costs $1 a month.",
            "CKV_AWS_26",
        )
        if email:
            topic.add_subscription(subscriptions.EmailSubscription(email))
        cdk.CfnOutput(self, "AlertsTopic", value=topic.topic_arn)
        return topic
