"""ECS: container instances: an agent registers one, is told what to run, and it can be drained."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ministack.core.responses import (
    AccountRegionScopedDict,
    error_response_json,
    get_account_id,
    get_region,
    json_response,
    new_uuid,
    now_iso,
)
from ministack.services import autoscaling, ecs

from tests.emulator.extension import instances

Data = Mapping[str, Any]
Record = dict[str, Any]
registered = AccountRegionScopedDict()  # ARN -> container instance
STATES = ("ACTIVE", "DRAINING")


def install() -> None:
    actions = ecs._ACTION_MAP
    actions["RegisterContainerInstance"] = _register
    actions["DeregisterContainerInstance"] = _deregister
    actions["ListContainerInstances"] = _list
    actions["DescribeContainerInstances"] = _describe
    actions["UpdateContainerInstancesState"] = _change_state
    instances.when_ended.append(_ended)


def of_provider(cluster: str, providers: Iterable[str]) -> list[Record]:
    """Instances of the cluster that take tasks of any of these capacity providers."""
    return [
        record
        for record in registered.values()
        if record["_cluster"] == cluster
        and record["status"] == "ACTIVE"
        and record.get("capacityProviderName") in providers
    ]


def reconcile(cluster: str) -> None:
    """Let each service of the cluster look again for where its tasks can run."""
    for key in [key for key in ecs._services if key.partition("/")[0] == cluster]:
        ecs._reconcile_service_tasks(cluster, key)


def tasks_on(arn: str) -> list[Record]:
    """Those that have not stopped."""
    return [
        task
        for task in ecs._tasks.values()
        if task.get("containerInstanceArn") == arn and task["lastStatus"] != "STOPPED"
    ]


def _register(data: Data) -> Any:
    """What an agent sends when it joins; one that was there already comes back."""
    cluster = ecs._resolve_cluster_name(data.get("cluster", "default"))
    if cluster not in ecs._clusters:
        return error_response_json("ClusterNotFoundException", "Cluster not found.", 400)
    instance = json.loads(data.get("instanceIdentityDocument") or "{}").get("instanceId", "")
    for known in registered.values():
        if instance and known["ec2InstanceId"] == instance:
            known["agentConnected"] = True
            return json_response({"containerInstance": _shown(known)})
    where = f"{get_region()}:{get_account_id()}:container-instance/{cluster}"
    arn = f"arn:aws:ecs:{where}/{new_uuid().replace('-', '')}"
    resources = list(data.get("totalResources") or [])
    registered[arn] = {
        "containerInstanceArn": arn,
        "ec2InstanceId": instance,
        "capacityProviderName": _provider(instance),
        "version": 1,
        "versionInfo": dict(data.get("versionInfo") or {}),
        "registeredResources": resources,
        "remainingResources": resources,
        "status": "ACTIVE",
        "agentConnected": True,
        "attributes": list(data.get("attributes") or []),
        "registeredAt": now_iso(),
        "attachments": [],
        "tags": list(data.get("tags") or []),
        "_cluster": cluster,
    }
    reconcile(cluster)
    return json_response({"containerInstance": _shown(registered[arn])})


def _deregister(data: Data) -> Any:
    record = _found(data.get("containerInstance", ""))
    if record is None:
        return _missing()
    if tasks_on(record["containerInstanceArn"]) and not data.get("force"):
        message = "Found running tasks on the instance."
        return error_response_json("InvalidParameterException", message, 400)
    _leave(record, "Container instance was deregistered.", "ServiceSchedulerInitiated")
    return json_response({"containerInstance": _shown(record)})


def _list(data: Data) -> Any:
    cluster = ecs._resolve_cluster_name(data.get("cluster", "default"))
    wanted = [data["status"]] if data.get("status") else STATES
    found = [
        arn
        for arn, record in registered.items()
        if record["_cluster"] == cluster and record["status"] in wanted
    ]
    return json_response({"containerInstanceArns": found})


def _describe(data: Data) -> Any:
    named = data.get("containerInstances") or []
    pairs = [(name, _found(name)) for name in named]
    failures = [{"arn": name, "reason": "MISSING"} for name, record in pairs if record is None]
    shown = [_shown(record) for _, record in pairs if record is not None]
    return json_response({"containerInstances": shown, "failures": failures})


def _change_state(data: Data) -> Any:
    """Draining takes no new task, and stops those of services as far as each service's minimum
    of healthy tasks allows."""
    status = data.get("status")
    if status not in STATES:
        message = "Container instance status should be one of [ACTIVE,DRAINING]."
        return error_response_json("InvalidParameterException", message, 400)
    pairs = [(name, _found(name)) for name in data.get("containerInstances") or []]
    changed = [record for _, record in pairs if record is not None]
    for record in changed:
        record["status"] = status
        record["version"] += 1
        if status == "DRAINING":
            for task in tasks_on(record["containerInstanceArn"]):
                _drain(task)
        reconcile(record["_cluster"])
    failures = [{"arn": name, "reason": "MISSING"} for name, record in pairs if record is None]
    shown = [_shown(record) for record in changed]
    return json_response({"containerInstances": shown, "failures": failures})


def _drain(task: Record) -> None:
    cluster = ecs._cluster_name_from_arn(task["clusterArn"])
    kind, _, name = task["group"].partition(":")
    service = ecs._services.get(f"{cluster}/{name}")
    if kind != "service" or service is None:
        return
    settings = service.get("deploymentConfiguration") or {}
    minimum = int(settings.get("minimumHealthyPercent", 100)) * service["desiredCount"]
    if task["lastStatus"] == "RUNNING" and (service["runningCount"] - 1) * 100 < minimum:
        return
    reason = "Service task on a container instance that is draining"
    ecs._stop_task({"cluster": cluster, "task": task["taskArn"], "reason": reason})


def _ended(instance: str) -> None:
    """An instance that is terminated while its agent is connected leaves its cluster."""
    for record in list(registered.values()):
        if record["ec2InstanceId"] == instance and record["status"] in STATES:
            _leave(record, f"Host EC2 (instance {instance}) terminated.", "TerminationNotice")


def _leave(record: Record, reason: str, code: str) -> None:
    """It stays to be described, as INACTIVE; its tasks have stopped."""
    record.update(status="INACTIVE", agentConnected=False)
    for task in tasks_on(record["containerInstanceArn"]):
        ecs._mark_task_stopped(task["taskArn"], task, reason, code)
        task["desiredStatus"], task["lastStatus"] = "STOPPED", "STOPPED"
    reconcile(record["_cluster"])


def _shown(record: Record) -> Record:
    here = tasks_on(record["containerInstanceArn"])
    counts = {
        "runningTasksCount": sum(task["lastStatus"] == "RUNNING" for task in here),
        "pendingTasksCount": sum(task["lastStatus"] == "PENDING" for task in here),
    }
    return dict(ecs._sanitize({**record, **counts}))


def _found(name: str) -> Record | None:
    """By its ARN or the last part of it."""
    found: Record | None = registered.get(name)
    ends = f"/{name}"
    return found or next((one for arn, one in registered.items() if arn.endswith(ends)), None)


def _missing() -> Any:
    message = "Referenced container instance not found."
    return error_response_json("InvalidParameterException", message, 400)


def _provider(instance: str) -> str | None:
    """The capacity provider of the group that the instance belongs to."""
    groups = [
        group["AutoScalingGroupName"]
        for group in autoscaling._asgs.values()
        if any(one["InstanceId"] == instance for one in group["Instances"])
    ]
    for name, provider in ecs._capacity_providers.items():
        arn = (provider.get("autoScalingGroupProvider") or {}).get("autoScalingGroupArn", "")
        if arn.rpartition("/")[2] in groups:
            return str(name)
    return None
