"""Where the container image comes from."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from constructs import Construct

from config.data import ImageSettings
from stacks.reasons import accept_checkov

KEEP_UNTAGGED_DAYS = 7


def image_repository(
    scope: Construct, construct_id: str, *, image: ImageSettings
) -> ecr.IRepository:
    """The repository: made here with tags that cannot be moved, or one that exists."""
    if not image.create:
        return ecr.Repository.from_repository_name(scope, construct_id, image.repository)
    repository = ecr.Repository(
        scope,
        construct_id,
        repository_name=image.repository,
        image_tag_mutability=ecr.TagMutability.IMMUTABLE,
        image_scan_on_push=True,
        # Environments share it, so that none may take it along when it goes.
        removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        lifecycle_rules=[
            ecr.LifecycleRule(
                description="layers of pushes that broke off",
                tag_status=ecr.TagStatus.UNTAGGED,
                max_image_age=cdk.Duration.days(KEEP_UNTAGGED_DAYS),
            )
        ],
    )
    accept_checkov(
        repository,
        "Encrypted by ECR itself; a key of our own costs $1 a month and opens to the same roles.",
        "CKV_AWS_136",
    )
    return repository
