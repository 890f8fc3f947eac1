"""The function that answers callers while the GPU sleeps, and `/power` always."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.parts.api_keys import ApiKeys
from stacks.parts.functions import small_function
from stacks.parts.power_table import USE
from stacks.parts.results_bucket import RESULTS, ResultsBucket
from stacks.reasons import accept_resource


class PowerFront(Construct):
    """It checks keys, writes down wishes and leases, and wakes the controller; it turns nothing on
    or off itself."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        variables: Mapping[str, str],
        table: dynamodb.ITable,
        controller: str,
        keys: ApiKeys,
        results: ResultsBucket,
        log_name: str,
        log_days: int,
        removal: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = small_function(
            self,
            "Function",
            folder="power",
            handler="power.front.handler",
            description="Answers /power, and callers while the GPU sleeps.",
            log_name=log_name,
            log_days=log_days,
            removal=removal,
            # Secrets Manager and the table may both be silent: so long the answer can take.
            timeout_seconds=30,
            memory_mib=1024,
            no_dead_letters="The load balancer calls it and waits for the answer.",
            environment={**variables, "POWER_CONTROLLER": controller},
        )
        keys.grant_read(self.function)
        stack, objects = cdk.Stack.of(self), results.objects(RESULTS)
        woken = stack.format_arn(
            service="lambda",
            resource="function",
            resource_name=controller,
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        for actions, resource in (
            (USE, table.table_arn),
            (["lambda:InvokeFunction"], woken),
            (["s3:GetObject"], objects),
            # Without it, what is gone looks like what is forbidden.
            (["s3:ListBucket"], results.bucket.bucket_arn),
        ):
            self.function.add_to_role_policy(
                iam.PolicyStatement(actions=list(actions), resources=[resource])
            )
        if self.function.role is not None:
            accept_resource(
                self.function.role,
                "It signs links to stored results, whose names the servers choose.",
                objects,
            )
