"""How every bucket is made: private, encrypted, TLS only, emptied by age."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.reasons import accept_checkov


def closed_bucket(
    scope: Construct,
    construct_id: str,
    *,
    days: int | Mapping[str, int],
    removal: cdk.RemovalPolicy,
    cors: Sequence[s3.CorsRule] = (),
) -> s3.Bucket:
    """A bucket whose objects go after `days`, which may differ by folder. Only `make destroy`
    empties it before it goes."""
    bucket = s3.Bucket(
        scope,
        construct_id,
        encryption=s3.BucketEncryption.S3_MANAGED,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        lifecycle_rules=_by_age(days),
        cors=list(cors) or None,
        removal_policy=removal,
    )
    accept_checkov(
        bucket,
        "Its objects live for days and can be made again: neither versions nor a log of their "
        "readers are worth keeping.",
        "CKV_AWS_21",
        "CKV_AWS_18",
    )
    return bucket


def _by_age(days: int | Mapping[str, int]) -> list[s3.LifecycleRule]:
    unfinished = cdk.Duration.days(1)
    if isinstance(days, int):
        return [
            s3.LifecycleRule(
                id="expire",
                expiration=cdk.Duration.days(days),
                abort_incomplete_multipart_upload_after=unfinished,
            )
        ]
    return [
        *(
            s3.LifecycleRule(
                id=f"expire-{folder.strip('/')}", prefix=folder, expiration=cdk.Duration.days(each)
            )
            for folder, each in days.items()
        ),
        # Whatever lies elsewhere goes too; where two rules hold, S3 takes the shorter time.
        s3.LifecycleRule(
            id="expire",
            expiration=cdk.Duration.days(max(days.values())),
            abort_incomplete_multipart_upload_after=unfinished,
        ),
    ]
