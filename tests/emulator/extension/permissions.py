"""IAM: the resource of an ECS call, the conditions of Secrets Manager, absent S3 objects, and
topics without a policy of their own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_region
from ministack.core.router import extract_access_key_id
from ministack.services import s3, secretsmanager, sns

OF_A_SERVICE = {"CreateService", "UpdateService", "DeleteService", "DescribeServices"}
ROTATION = "secretsmanager:resource/allowrotationlambdaarn"
STAGE = "secretsmanager:versionstage"
# Of the request that is authorised now: the label that it names, if it names one.
_stage: ContextVar[str | None] = ContextVar("version stage", default=None)
_plain_arn = iam_actions.extract_resource_arn
_plain_condition = iam_evaluator._resolve_condition_key
_plain_topic = sns.topic_policy_for_arn
# Of the policy that each topic is born with.
BORN = "__default_policy_ID"


def install() -> None:
    iam_actions.extract_resource_arn = _arn
    iam_evaluator._resolve_condition_key = _condition
    sns.topic_policy_for_arn = _topic
    s3._head_object = _hiding_absence(s3._head_object)
    s3._get_object = _hiding_absence(s3._get_object)


def _arn(
    service: str, method: str, path: str, headers: Mapping[str, str], body: bytes, *rest: Any
) -> str:
    """Calls on a service are authorised on `service/CLUSTER/NAME`; MiniStack takes the cluster's
    ARN, so a policy written for AWS is refused."""
    plain: str = _plain_arn(service, method, path, headers, body, *rest)
    _stage.set(_json(body).get("VersionStage") if service == "secretsmanager" else None)
    action = str(headers.get("x-amz-target", "")).rpartition(".")[2]
    if service != "ecs" or action not in OF_A_SERVICE:
        return plain
    request = _json(body)
    named = request.get("service") or request.get("serviceName")
    name = str(named or (request.get("services") or [""])[0])
    if name.startswith("arn:"):
        return name
    _, region, account = rest
    cluster = str(request.get("cluster") or "default").rpartition("/")[2]
    return f"arn:aws:ecs:{region}:{account}:service/{cluster}/{name}"


def _condition(key: str, context: Any) -> Any:
    if key.lower() == STAGE:
        return _stage.get()
    if key.lower() != ROTATION:
        return _plain_condition(key, context)
    _, secret = secretsmanager._resolve(context.resource_arn)
    return (secret or {}).get("RotationLambdaARN")


def _topic(arn: str) -> tuple[str, str] | None:
    """The policy that a topic is born with gives a role nothing that its own policies do not."""
    found: tuple[str, str] | None = _plain_topic(arn)
    return found if found is None or BORN not in found[0] else ("", found[1])


def _hiding_absence(plain: Callable[..., Any]) -> Callable[..., Any]:
    """Whoever may not list a bucket is told 403 about an object that is not there (HeadObject,
    GetObject); MiniStack says 404 to all."""

    def answered(
        bucket: str,
        key: str,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Any:
        found = plain(bucket, key, headers or {}, query or {})
        caller = extract_access_key_id(headers or {}, query or {})
        arn = f"arn:aws:s3:::{bucket}"
        if found[0] != 404 or not caller:
            return found
        if not iam_evaluator.enforce(caller, "s3:ListBucket", "s3", get_region(), resource_arn=arn):
            return found
        return s3._error("AccessDenied", "Access Denied", 403, f"/{bucket}/{key}")

    return answered


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
