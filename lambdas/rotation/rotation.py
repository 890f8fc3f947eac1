"""Rotates the service key: Secrets Manager calls this once for each of its four steps.

The key before stays valid, under the stage AWSPREVIOUS, until the next rotation. Steps and stages:
"Rotation by Lambda function", AWS Secrets Manager user guide.
"""

from __future__ import annotations

import json
import logging
import secrets
from typing import Any

import boto3

log = logging.getLogger()
log.setLevel(logging.INFO)

# As many random bytes as in a named key.
KEY_BYTES = 32


class RotationError(Exception):
    """The rotation cannot go on; Secrets Manager tries again and shows this in the log."""


def handler(event: dict[str, str], context: object) -> None:
    """One step of a rotation. Raises RotationError when the new key is not usable."""
    secret, version, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    client = boto3.client("secretsmanager")
    if step != "createSecret":
        _check(client, secret, version)
    steps = {"createSecret": _create, "testSecret": _test, "finishSecret": _finish}
    # setSecret would tell a database; the servers fetch the key by themselves.
    if step in steps:
        steps[step](client, secret, version)
    log.info(json.dumps({"message": "rotation step", "step": step, "version": version}))


def _check(client: Any, secret: str, version: str) -> None:
    stages = client.describe_secret(SecretId=secret)["VersionIdsToStages"]
    if not {"AWSPENDING", "AWSCURRENT"} & set(stages.get(version, [])):
        raise RotationError("this version was not staged for a rotation of this secret")


def _create(client: Any, secret: str, version: str) -> None:
    try:
        client.get_secret_value(SecretId=secret, VersionId=version, VersionStage="AWSPENDING")
    except client.exceptions.ResourceNotFoundException:
        client.put_secret_value(
            SecretId=secret,
            ClientRequestToken=version,
            SecretString=json.dumps({"key": "gv_" + secrets.token_urlsafe(KEY_BYTES)}),
            VersionStages=["AWSPENDING"],
        )


def _test(client: Any, secret: str, version: str) -> None:
    found = client.get_secret_value(SecretId=secret, VersionId=version, VersionStage="AWSPENDING")
    try:
        key = json.loads(found["SecretString"])["key"]
    except (KeyError, TypeError, ValueError):
        raise RotationError("the pending version holds no JSON object with a key") from None
    if not isinstance(key, str) or len(key) < KEY_BYTES:
        raise RotationError("the pending key is too short")


def _finish(client: Any, secret: str, version: str) -> None:
    stages = client.describe_secret(SecretId=secret)["VersionIdsToStages"]
    current = [name for name, held in stages.items() if "AWSCURRENT" in held]
    if version in current:
        return
    if not current:
        raise RotationError("no version is current; restore one before the next rotation")
    # Secrets Manager moves AWSPREVIOUS to the version that was current.
    client.update_secret_version_stage(
        SecretId=secret,
        VersionStage="AWSCURRENT",
        MoveToVersionId=version,
        RemoveFromVersionId=current[0],
    )
