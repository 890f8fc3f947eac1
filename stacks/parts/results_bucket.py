"""Where large answers, jobs and spoken audio are kept for their callers."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.parts.buckets import closed_bucket
from stacks.reasons import accept, accept_resource

RESULTS, JOBS, STORE = "results/", "jobs/", "store/"
# What is left when the store was turned off.
LEFT_DAYS = 1


class ResultsBucket(Construct):
    """One bucket with a folder for each of the three, each with its own days; a store of 0 days is
    off."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        days: int,
        job_days: int,
        store_days: int,
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
        kept = {RESULTS: days, JOBS: job_days, STORE: store_days or LEFT_DAYS}
        self.bucket = closed_bucket(
            self, "Bucket", days=kept, removal=removal, cors=cors if origins else []
        )
        accept(
            self.bucket,
            "Its objects live for days and are read by their owner's key or a signed link alone; "
            "the servers log whose key got them.",
            "AwsSolutions-S1",
        )
        written = [self.objects(folder) for folder in kept]
        deleted = [self.objects(folder) for folder in (JOBS, STORE)]
        self._use = iam.Policy(
            self,
            "Use",
            statements=[
                iam.PolicyStatement(actions=["s3:PutObject", "s3:GetObject"], resources=written),
                iam.PolicyStatement(actions=["s3:DeleteObject"], resources=deleted),
                # Without it, what is gone looks like what is forbidden.
                iam.PolicyStatement(actions=["s3:ListBucket"], resources=[self.bucket.bucket_arn]),
            ],
        )
        for each in written:
            accept_resource(
                self._use,
                "The servers choose the names of the objects, in this folder alone.",
                each,
            )

    def objects(self, folder: str) -> str:
        """The ARN of all objects of one folder."""
        return self.bucket.arn_for_objects(f"{folder}*")

    def grant_use(self, role: iam.IRole) -> None:
        """Put, get and look for objects, and delete jobs and what is in the store: a signed link
        can do what its signer may."""
        self._use.attach_to_role(role)
