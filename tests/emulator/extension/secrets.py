"""Secrets Manager: Ref of a secret, generated values, schedules and policies in templates."""

from __future__ import annotations

import json
from typing import Any

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners

from tests.emulator.extension import rotation
from tests.emulator.extension.registry import (
    Created,
    Properties,
    answer,
    define,
    handler,
    replace,
)

SECRET = "AWS::SecretsManager::Secret"


def install() -> None:
    provisioners._sm_secret_string = _value
    create, update, delete = (handler(SECRET, step) for step in ("create", "update", "delete"))

    def created(logical_id: str, properties: Properties, stack: str) -> Created:
        """Ref is the ARN on AWS, the name in MiniStack."""
        _, attributes = create(logical_id, properties, stack)
        return attributes["Arn"], attributes

    def updated(
        physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str
    ) -> Created:
        _, attributes = update(_name(physical_id), old, new, stack, logical_id)
        return attributes["Arn"], attributes

    replace(
        SECRET,
        create=created,
        update=updated,
        delete=lambda physical_id, properties: delete(_name(physical_id), properties),
    )
    define(
        "AWS::SecretsManager::RotationSchedule",
        create=_schedule,
        update=lambda physical_id, old, new, stack, logical_id: _schedule(logical_id, new, stack),
        delete=_cancel,
    )
    define("AWS::SecretsManager::ResourcePolicy", create=_policy, delete=_no_policy)


def _name(physical_id: str) -> str:
    _, secret = secretsmanager._resolve(physical_id)
    return str((secret or {}).get("Name", physical_id))


def _value(properties: Properties) -> str | None:
    """GenerateSecretString is GetRandomPassword with a template, of which MiniStack ignores half;
    a template that names no value makes a secret without one."""
    wanted = properties.get("GenerateSecretString")
    if "SecretString" in properties or wanted is None:
        return properties.get("SecretString")
    request: dict[str, Any] = {
        name: value
        for name, value in wanted.items()
        if name not in ("SecretStringTemplate", "GenerateStringKey")
    }
    password = str(answer(secretsmanager._get_random_password(request))["RandomPassword"])
    if "SecretStringTemplate" not in wanted:
        return password
    filled = {**json.loads(wanted["SecretStringTemplate"]), wanted["GenerateStringKey"]: password}
    return json.dumps(filled)


def _schedule(logical_id: str, properties: Properties, stack: str) -> Created:
    """Ref is the secret's ARN. RotateImmediatelyOnUpdate is true unless the template says no."""
    _, secret = secretsmanager._resolve(properties["SecretId"])
    if secret is None:
        raise ValueError("Secrets Manager can't find the specified secret.")
    secret.update(
        RotationEnabled=True,
        RotationLambdaARN=properties.get("RotationLambdaARN"),
        RotationRules=dict(properties.get("RotationRules") or {}),
    )
    if str(properties.get("RotateImmediatelyOnUpdate", True)).lower() == "true":
        rotation.start(secret)
    return secret["ARN"], {"Id": secret["ARN"]}


def _cancel(physical_id: str, properties: Properties) -> None:
    _, secret = secretsmanager._resolve(physical_id)
    if secret is not None:
        secret["RotationEnabled"] = False


def _policy(logical_id: str, properties: Properties, stack: str) -> Created:
    document = properties["ResourcePolicy"]
    text = document if isinstance(document, str) else json.dumps(document)
    request = {"SecretId": properties["SecretId"], "ResourcePolicy": text}
    return answer(secretsmanager._put_resource_policy(request))["ARN"], {}


def _no_policy(physical_id: str, properties: Properties) -> None:
    _, secret = secretsmanager._resolve(physical_id)
    if secret is not None:
        answer(secretsmanager._delete_resource_policy({"SecretId": physical_id}))
