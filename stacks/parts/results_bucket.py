"""Where large answers are kept for their callers."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.parts.buckets import closed_bucket
from stacks.reasons import accept, accept_resource


class ResultsBucket(Construct):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        days: int,
        origins: Sequence[str],
        removal: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        cors = [
            s3.CorsRule(
                allowed_methods=[s3.HttpMethods.GET, s3.HttpMethods.HEAD],
                allowed_origins=list(origins),
                allowed_headers=["*"],
                max_age=7200,
            )
        ]
        self.bucket = closed_bucket(
            self, "Bucket", days=days, removal=removal, cors=cors if origins else []
        )
        accept(
            self.bucket,
            "Results live for days and only by signed links; the servers log whose key got them.",
            "AwsSolutions-S1",
        )

        objects = self.bucket.arn_for_objects("*")
        self._use = iam.Policy(
            self,
            "Use",
            statements=[
                iam.PolicyStatement(actions=["s3:PutObject", "s3:GetObject"], resources=[objects]),
                # Without it, what is gone looks like what is forbidden.
                iam.PolicyStatement(actions=["s3:ListBucket"], resources=[self.bucket.bucket_arn]),
            ],
        )
        accept_resource(
            self._use, "The servers choose the names of the objects, in this bucket alone.", objects
        )

    def grant_use(self, role: iam.IRole) -> None:
        """Put, get and look for objects: a signed link can do what its signer may."""
        self._use.attach_to_role(role)
