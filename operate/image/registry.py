"""The images in the repository."""

from __future__ import annotations

from botocore.exceptions import ClientError

from operate.cloud import Cloud

ABSENT = ("ImageNotFoundException", "RepositoryNotFoundException")


def image_digest(cloud: Cloud, repository: str, tag: str) -> str | None:
    """The digest behind a tag; None where the repository does not hold it."""
    try:
        found = cloud.client("ecr").describe_images(
            repositoryName=repository, imageIds=[{"imageTag": tag}]
        )["imageDetails"]
    except ClientError as error:
        if error.response["Error"]["Code"] not in ABSENT:
            raise
        return None
    return str(found[0].get("imageDigest", "")) or None if found else None
