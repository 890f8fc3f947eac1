"""How every Lambda function is made: Python, no bundling, logs of its own."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.parts.log_groups import log_group
from stacks.reasons import accept, accept_checkov

LAMBDAS = Path(__file__).parents[2] / "lambdas"


def small_function(
    scope: Construct,
    construct_id: str,
    *,
    folder: str,
    handler: str,
    description: str,
    log_name: str,
    log_days: int,
    removal: cdk.RemovalPolicy,
) -> lambda_.Function:
    """A function of `lambdas/FOLDER` with standard library and boto3."""
    function = lambda_.Function(
        scope,
        construct_id,
        description=description,
        runtime=lambda_.Runtime.PYTHON_3_14,
        architecture=lambda_.Architecture.ARM_64,
        code=lambda_.Code.from_asset(
            str(LAMBDAS / folder), exclude=["__pycache__", "**/__pycache__/**"]
        ),
        handler=handler,
        timeout=cdk.Duration.seconds(30),
        memory_size=256,
        log_group=log_group(
            scope, f"{construct_id}Log", name=log_name, days=log_days, removal=removal
        ),
    )
    if function.role is not None:
        accept(
            function.role,
            "The managed policy lets it write its own logs and nothing else.",
            "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]",
        )
    accept_checkov(
        function,
        "It calls Secrets Manager and no part of the VPC.",
        "CKV_AWS_117",
    )
    accept_checkov(
        function,
        "Reserved concurrency fails in accounts whose limit is 10; the calls are idempotent.",
        "CKV_AWS_115",
    )
    accept_checkov(
        function,
        "Secrets Manager calls it, waits for the answer and retries: nothing is to be queued.",
        "CKV_AWS_116",
    )
    return function
