"""The function that turns the GPU on and off; nothing else may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.parts.api_keys import ApiKeys
from stacks.parts.functions import small_function
from stacks.parts.power_table import USE

# A call that failed twice is in the queue before the next start of the day could be due.
MOST_AGE_SECONDS = 300


class PowerController(Construct):
    """Invoked by everything that has news: alarms, the clock, AWS, the front, a deploy."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        variables: Mapping[str, str],
        rights: Sequence[iam.PolicyStatement],
        table: dynamodb.ITable,
        reach: lambda_.IFunction,
        keys: ApiKeys,
        queue: sqs.IQueue,
        log_name: str,
        log_days: int,
        removal: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = small_function(
            self,
            "Function",
            folder="power",
            handler="power.controller.handler",
            description="Turns the GPU on and off, and says why.",
            log_name=log_name,
            log_days=log_days,
            removal=removal,
            name=name,
            timeout_seconds=120,
            memory_mib=512,
            no_dead_letters="Failed invocations go to a queue by its invoke configuration.",
            environment={**variables, "POWER_REACH": reach.function_name},
        )
        keys.grant_read_service(self.function)
        for statement in (
            *rights,
            iam.PolicyStatement(actions=list(USE), resources=[table.table_arn]),
            iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[reach.function_arn]),
            iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[queue.queue_arn]),
        ):
            self.function.add_to_role_policy(statement)
        lambda_.CfnEventInvokeConfig(
            self,
            "Invocations",
            function_name=self.function.function_name,
            qualifier="$LATEST",
            maximum_event_age_in_seconds=MOST_AGE_SECONDS,
            maximum_retry_attempts=1,
            destination_config=lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
                on_failure=lambda_.CfnEventInvokeConfig.OnFailureProperty(
                    destination=queue.queue_arn
                )
            ),
        )

    def let(self, construct_id: str, *, service: str, source_arn: str) -> lambda_.CfnPermission:
        """Let a rule or an alarm of this stack invoke it."""
        return lambda_.CfnPermission(
            self,
            construct_id,
            action="lambda:InvokeFunction",
            function_name=self.function.function_arn,
            principal=service,
            source_arn=source_arn,
            source_account=cdk.Aws.ACCOUNT_ID,
        )
