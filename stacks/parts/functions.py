"""How every Lambda function is made: Python, no bundling, logs of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.parts.log_groups import log_group
from stacks.reasons import accept, accept_checkov

LAMBDAS = Path(__file__).parents[2] / "lambdas"
MANAGED = "arn:<AWS::Partition>:iam::aws:policy/service-role/"


@dataclass(frozen=True)
class Inside:
    """Where in a VPC a function has its interface."""

    vpc: ec2.IVpc
    subnets: Sequence[ec2.ISubnet]
    security_group: ec2.ISecurityGroup


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
    no_dead_letters: str,
    timeout_seconds: int = 30,
    memory_mib: int = 256,
    name: str | None = None,
    environment: Mapping[str, str] | None = None,
    inside: Inside | None = None,
) -> lambda_.Function:
    """A function of `lambdas/FOLDER` with standard library and boto3.

    `no_dead_letters` says why its failed invocations need no queue of the function's own.
    """
    function = lambda_.Function(
        scope,
        construct_id,
        function_name=name,
        description=description,
        runtime=lambda_.Runtime.PYTHON_3_14,
        architecture=lambda_.Architecture.ARM_64,
        code=lambda_.Code.from_asset(
            str(LAMBDAS / folder), exclude=["__pycache__", "**/__pycache__/**"]
        ),
        handler=handler,
        timeout=cdk.Duration.seconds(timeout_seconds),
        memory_size=memory_mib,
        environment=dict(environment or {}),
        log_group=log_group(
            scope, f"{construct_id}Log", name=log_name, days=log_days, removal=removal
        ),
        vpc=inside.vpc if inside else None,
        vpc_subnets=ec2.SubnetSelection(subnets=list(inside.subnets)) if inside else None,
        security_groups=[inside.security_group] if inside else None,
        # What it calls is in the VPC: it needs no way out.
        allow_public_subnet=True if inside else None,
    )
    if function.role is not None:
        managed = ("Basic", "VPCAccess") if inside else ("Basic",)
        accept(
            function.role,
            "The managed policy lets it write its own logs, and have its interface in the VPC.",
            *(
                f"AwsSolutions-IAM4[Policy::{MANAGED}AWSLambda{each}ExecutionRole]"
                for each in managed
            ),
        )
    if inside is None:
        accept_checkov(function, "It calls AWS and no part of the VPC.", "CKV_AWS_117")
    accept_checkov(
        function,
        "Reserved concurrency fails in accounts whose limit is 10; the calls are idempotent.",
        "CKV_AWS_115",
    )
    accept_checkov(function, no_dead_letters, "CKV_AWS_116")
    if environment:
        accept_checkov(
            function,
            "The variables hold names and limits; secrets are fetched at run time.",
            "CKV_AWS_173",
        )
    return function
