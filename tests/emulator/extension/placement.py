"""ECS: a service's task waits for an instance to run on, and its agent tells how it fares."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ministack.core.responses import error_response_json, json_response, new_uuid, now_iso
from ministack.services import ecs

from tests.emulator.extension import agents

Data = Mapping[str, Any]
Record = dict[str, Any]
NOWHERE = (
    "(service {}) was unable to place a task because no container instance met all of its "
    "requirements. Reason: No Container Instances were found in your capacity provider."
)
NOT_YET = ("pullStartedAt", "pullStoppedAt", "startedAt", "connectivity", "connectivityAt")
TIMES = ("pullStartedAt", "pullStoppedAt", "executionStoppedAt")
_plain_run = ecs._run_task
_plain_stop = ecs._stop_task
_plain_list = ecs._list_tasks


def install() -> None:
    ecs._run_task = ecs._ACTION_MAP["RunTask"] = _run
    ecs._stop_task = ecs._ACTION_MAP["StopTask"] = _stop
    ecs._list_tasks = ecs._ACTION_MAP["ListTasks"] = _list
    ecs._ACTION_MAP["SubmitTaskStateChange"] = _submit


def _run(data: Data) -> Any:
    """Tasks with a capacity provider of instances are placed on one of them, one on each (their
    ports are fixed); without a free one the service says so in its events."""
    providers = {one["capacityProvider"] for one in data.get("capacityProviderStrategy") or []}
    if not providers & set(ecs._capacity_providers):
        return _plain_run(data)
    cluster = ecs._resolve_cluster_name(data.get("cluster", "default"))
    offered = agents.of_provider(cluster, providers)
    free = [one for one in offered if not agents.tasks_on(one["containerInstanceArn"])]
    tasks: list[Record] = []
    for host in free[: int(data.get("count", 1))]:
        status, _, body = answered = _plain_run({**data, "count": 1})
        if status != 200:
            return answered
        for made in json.loads(body)["tasks"]:
            task = ecs._tasks[made["taskArn"]]
            _wait(task, host)
            tasks.append(ecs._sanitize(task))
    if len(tasks) < int(data.get("count", 1)):
        _say(cluster, str(data.get("startedBy")), NOWHERE)
    ecs._recount_cluster(cluster)
    return json_response({"tasks": tasks, "failures": []})


def _wait(task: Record, host: Record) -> None:
    task.update(
        lastStatus="PENDING",
        containerInstanceArn=host["containerInstanceArn"],
        capacityProviderName=host["capacityProviderName"],
        _agent=True,
    )
    task.update(dict.fromkeys(NOT_YET))
    for container in task["containers"]:
        container["lastStatus"] = "PENDING"


def _stop(data: Data) -> Any:
    """An agent's task is told to stop, and has stopped when the agent says so."""
    cluster = ecs._resolve_cluster_name(data.get("cluster", "default"))
    task = ecs._resolve_task(data.get("task", ""), cluster)
    if not task or not task.get("_agent") or task["lastStatus"] == "STOPPED":
        return _plain_stop(data)
    if task["desiredStatus"] != "STOPPED":
        by_service = data.get("reason", "").startswith(("Service", "Deployment"))
        task.update(
            desiredStatus="STOPPED",
            lastStatus="DEACTIVATING",
            stoppingAt=now_iso(),
            stoppedReason=data.get("reason", "Task stopped by user"),
            stopCode="ServiceSchedulerInitiated" if by_service else "UserInitiated",
        )
        ecs._bump_task_version(task)
        _recount(cluster, task)
    return json_response({"task": ecs._sanitize(task)})


def _submit(data: Data) -> Any:
    """An agent's report: the times of the pull, the state of the task and of its containers."""
    cluster = ecs._resolve_cluster_name(data.get("cluster", "default"))
    task = ecs._resolve_task(data.get("task", ""), cluster)
    if not task:
        message = "The referenced task was not found."
        return error_response_json("InvalidParameterException", message, 400)
    task.update({name: data[name] for name in TIMES if name in data})
    for told in data.get("containers") or []:
        for container in task["containers"]:
            if container["name"] == told["containerName"]:
                _tell(container, told)
    if task["lastStatus"] != "STOPPED":
        _move(cluster, task, data)
    return json_response({"acknowledgment": "ACCEPT"})


def _tell(container: Record, told: Data) -> None:
    for name, key in (
        ("status", "lastStatus"),
        ("exitCode", "exitCode"),
        ("networkBindings", "networkBindings"),
        ("runtimeId", "runtimeId"),
        ("reason", "reason"),
    ):
        if name in told:
            container[key] = told[name]


def _move(cluster: str, task: Record, data: Data) -> None:
    status = data.get("status")
    if status == "RUNNING" and task["desiredStatus"] == "RUNNING":
        now = now_iso()
        task.update(lastStatus="RUNNING", startedAt=now, connectivity="CONNECTED")
        task["connectivityAt"] = now
        ecs._bump_task_version(task)
    elif status == "STOPPED":
        code = task["stopCode"] or "EssentialContainerExited"
        reason = task["stoppedReason"] or data.get("reason") or "Essential container in task exited"
        ecs._mark_task_stopped(task["taskArn"], task, reason, code)
        # Told to stop before, it counts as gone already for what marks it.
        now = now_iso()
        stopped = {"desiredStatus": "STOPPED", "lastStatus": "STOPPED", "stoppedAt": now}
        task.update(stopped, stopCode=code, stoppedReason=reason)
        for container in task["containers"]:
            container["lastStatus"] = "STOPPED"
    _recount(cluster, task)
    kind, _, name = task["group"].partition(":")
    key = f"{cluster}/{name}"
    if kind == "service" and key in ecs._services:
        ecs._complete_service_deployment(cluster, key)
        ecs._reconcile_service_tasks(cluster, key)


def _recount(cluster: str, task: Record) -> None:
    ecs._recount_cluster(cluster)
    ecs._refresh_service_state(cluster, task["group"])


def _list(data: Data) -> Any:
    """MiniStack does not look at `containerInstance`."""
    answered = _plain_list(data)
    wanted = data.get("containerInstance")
    if answered[0] != 200 or not wanted:
        return answered
    found = json.loads(answered[2])
    kept = [
        arn
        for arn in found["taskArns"]
        if str(ecs._tasks[arn]["containerInstanceArn"]).endswith(wanted.rpartition("/")[2])
    ]
    return json_response({**found, "taskArns": kept})


def _say(cluster: str, service: str, text: str) -> None:
    """A service repeats an event no more than once in a row."""
    record = ecs._services.get(f"{cluster}/{service}")
    message = text.format(service)
    if record is not None and not any(
        event["message"] == message for event in record["events"][:1]
    ):
        event = {"id": new_uuid(), "createdAt": now_iso(), "message": message}
        record["events"].insert(0, event)
