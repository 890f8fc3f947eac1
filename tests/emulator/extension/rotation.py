"""Secrets Manager: RotateSecret runs the function's four steps, one after another."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from ministack.core.concurrency import spawn_background
from ministack.core.responses import get_account_id, get_region, new_uuid, request_scope
from ministack.services import lambda_svc, secretsmanager

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
log = logging.getLogger("rotation")
_plain_rotate = secretsmanager._rotate_secret
_plain_get = secretsmanager._get_secret_value


def install() -> None:
    secretsmanager._rotate_secret = _rotate
    secretsmanager._get_secret_value = _get


def start(secret: dict[str, Any], token: str | None = None) -> str:
    """Begin in the background, as AWS does; the new version's id comes back at once."""
    version = token or new_uuid()
    account, region = get_account_id(), get_region()
    # AWS makes the pending version's label known before the function has stored anything.
    secret["Versions"].setdefault(
        version,
        {"SecretString": None, "SecretBinary": None, "CreatedDate": 0, "Stages": ["AWSPENDING"]},
    )
    spawn_background(_run, secret, version, account, region, thread_name=f"rotate-{version[:8]}")
    return version


def _rotate(data: Mapping[str, Any]) -> Any:
    """MiniStack relabels a copy of the current version and calls nobody."""
    _, secret = secretsmanager._resolve(data.get("SecretId"))
    function = data.get("RotationLambdaARN") or (secret or {}).get("RotationLambdaARN")
    if secret is None or secret.get("DeletedDate") or not function:
        return _plain_rotate(data)
    secret.update(
        RotationEnabled=True,
        RotationLambdaARN=function,
        RotationRules=data.get("RotationRules") or secret.get("RotationRules"),
    )
    version = start(secret, data.get("ClientRequestToken"))
    return secretsmanager.json_response(
        {"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": version}
    )


def _get(data: Mapping[str, Any]) -> Any:
    """A version that has a label and no value yet cannot be read, which createSecret relies on."""
    response = _plain_get(data)
    status, _, body = response
    if status == 200 and not {"SecretString", "SecretBinary"} & set(json.loads(body)):
        return secretsmanager.error_response_json(
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret value for "
            f"{data.get('VersionId') or data.get('VersionStage', 'AWSCURRENT')}.",
            400,
        )
    return response


def _run(secret: dict[str, Any], version: str, account: str, region: str) -> None:
    with request_scope(account, region):
        arn = secret["RotationLambdaARN"]
        function, configuration, _ = lambda_svc._get_func_record_for_ref(arn)
        if function is None:
            log.error("The rotation function %s does not exist.", arn)
            return
        record = lambda_svc._execution_record_for_config(function, configuration)
        for step in STEPS:
            event = {"SecretId": secret["ARN"], "ClientRequestToken": version, "Step": step}
            result = lambda_svc._execute_function_with_config_scope(record, event)
            if result.get("error") or result.get("function_error"):
                log.error("Rotation step %s failed: %s", step, result.get("body"))
                return
            log.info("Rotation step %s is done.", step)
