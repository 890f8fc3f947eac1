"""A bucket for the load balancer's access logs."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.parts.buckets import closed_bucket
from stacks.reasons import accept


class AccessLogs(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, days: int, removal: cdk.RemovalPolicy
    ) -> None:
        super().__init__(scope, construct_id)
        self.bucket: s3.Bucket = closed_bucket(self, "Bucket", days=days, removal=removal)
        accept(
            self.bucket,
            "It holds logs itself; logging its own access would never end.",
            "AwsSolutions-S1",
        )
