"""Where reports on a slot are kept that was verified before it went live."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.parts.buckets import closed_bucket
from stacks.reasons import accept

# Over a year: a release is compared with the one before it.
KEPT_DAYS = 400


def reports_bucket(scope: Construct, construct_id: str, *, removal: cdk.RemovalPolicy) -> s3.Bucket:
    bucket = closed_bucket(scope, construct_id, days=KEPT_DAYS, removal=removal)
    accept(
        bucket,
        "A few reports a month, written and read by who deploys; CloudTrail knows them.",
        "AwsSolutions-S1",
    )
    return bucket
