"""IAM: the resource that a call of ECS, ELB or Auto Scaling is authorised on, and its tags.

The tables of the service authorization reference say which it is; descriptions know none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.core.router import extract_access_key_id
from ministack.services import alb, autoscaling, ec2

# ECS: the field of the request that names the resource, and the resource's kind.
OF_ECS = {
    "DescribeContainerInstances": ("containerInstances", "container-instance"),
    "UpdateContainerInstancesState": ("containerInstances", "container-instance"),
    "ListTasks": ("containerInstance", "container-instance"),
    "DescribeTasks": ("tasks", "task"),
    "StopTask": ("task", "task"),
}
# Of the request that is answered now: who sends it.
access_key: ContextVar[str] = ContextVar("access key", default="")
# Services whose descriptions are authorised on all resources or none.
UNNAMED = {"elasticloadbalancing", "autoscaling", "ec2"}
# Calls of ELB that conditions on `aws:RequestTag` can look into; MiniStack knows none.
WITH_TAGS = frozenset(
    {"CreateRule", "CreateListener", "CreateTargetGroup", "CreateLoadBalancer", "AddTags"}
)
TAGGED = {"aws", "ec2", "autoscaling", "elasticloadbalancing"}


def install() -> None:
    plain_arn = iam_actions.extract_resource_arn
    plain_condition = iam_evaluator._resolve_condition_key

    def arn(
        service: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        params: Any,
        *rest: str,
    ) -> str:
        action = str(iam_actions.extract_iam_action(service, method, path, headers, body, params))
        name = action.partition(":")[2]
        access_key.set(extract_access_key_id(headers, params) or "")
        if service == "ecs" and name in OF_ECS:
            return _of_ecs(json.loads(body or b"{}"), *OF_ECS[name], *rest)
        if service in UNNAMED and name.startswith(("Describe", "Get", "List")):
            return "*"
        if service == "elasticloadbalancing":
            rule = iam_actions._query_param(params, "RuleArn")
            if rule:
                return str(rule)
        if service == "autoscaling":
            group = iam_actions._query_param(params, "AutoScalingGroupName")
            found = autoscaling._asgs.get(group)
            if found:
                return str(found["AutoScalingGroupARN"])
        return str(plain_arn(service, method, path, headers, body, params, *rest))

    def condition(key: str, context: Any) -> Any:
        service, _, rest = key.partition(":")
        kind, _, tag = rest.partition("/")
        if kind.lower() == "resourcetag" and service in TAGGED:
            own = {one["Key"]: one["Value"] for one in _tags(context.resource_arn)}
            return own.get(tag, plain_condition(key, context))
        if key.lower() == "ecs:cluster":
            return _cluster_of(context.resource_arn)
        return plain_condition(key, context)

    iam_actions.extract_resource_arn = arn
    iam_actions._TAG_OPERATIONS["elasticloadbalancing"] = WITH_TAGS
    iam_evaluator._resolve_condition_key = condition


def _of_ecs(request: Mapping[str, Any], field: str, kind: str, region: str, account: str) -> str:
    """Short names belong to the cluster of the request; a list is judged by its first."""
    cluster = str(request.get("cluster") or "default").rpartition("/")[2]
    given = request.get(field) or "*"
    name = str(given[0] if isinstance(given, list) else given)
    return (
        name
        if name.startswith("arn:")
        else f"arn:aws:ecs:{region}:{account}:{kind}/{cluster}/{name}"
    )


def _cluster_of(arn: str) -> str | None:
    """Of a task or a container instance: the ARN of the cluster that it says it is in."""
    head, _, rest = arn.rpartition(":")
    parts = rest.split("/")
    return f"{head}:cluster/{parts[1]}" if ":ecs:" in arn and len(parts) > 1 else None


def _tags(arn: str) -> Iterable[Mapping[str, str]]:
    name = arn.rpartition("/")[2]
    if ":ec2:" in arn:
        return list(ec2._tags.get(name, []))
    if ":autoscaling:" in arn:
        return list(autoscaling._tags.get(name, []))
    if ":elasticloadbalancing:" in arn:
        return list(alb._tags.get(arn, []))
    return []
