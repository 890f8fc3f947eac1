"""The container host stands in for instances: the cloud describes a start and an end as on AWS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import web
from tests.emulator.emulator import Emulator
from tests.emulator.host.agent import ContainerHost
from tests.emulator.host.task import Task
from tests.emulator.stack import Stack
from tests.emulator.voice_service import OUTPUTS, on_spot, servers
from tests.patience import until

pytest_plugins = ["tests.emulator.fixture"]


class Seen:
    """What boto3 says of the one service of a stack, while a host runs its instances."""

    def __init__(self, cloud: Emulator, found: dict[str, str], host: ContainerHost) -> None:
        self.found, self.host, self.service = found, host, found["Service"]
        self.ecs, self.elb = cloud.client("ecs"), cloud.client("elbv2")
        self.ec2, self.autoscaling = cloud.client("ec2"), cloud.client("autoscaling")
        self.named = {"cluster": found["Cluster"]}

    def want(self, instances: int) -> None:
        self.autoscaling.set_desired_capacity(
            AutoScalingGroupName=self.found["Group"], DesiredCapacity=instances
        )

    def serve(self) -> Task:
        """Until its task gets requests."""
        until(lambda: self.host.serving(self.service), 60)
        task = self.host.task(self.service)
        assert task is not None
        return task

    def group(self) -> Any:
        answer = self.autoscaling.describe_auto_scaling_groups(
            AutoScalingGroupNames=[self.found["Group"]]
        )
        return answer["AutoScalingGroups"][0]

    def machine(self) -> Any:
        (arn,) = self.ecs.list_container_instances(**self.named)["containerInstanceArns"]
        answer = self.ecs.describe_container_instances(**self.named, containerInstances=[arn])
        return answer["containerInstances"][0]

    def tasks(self, status: str = "RUNNING") -> list[Any]:
        arns = self.ecs.list_tasks(**self.named, serviceName=self.service, desiredStatus=status)[
            "taskArns"
        ]
        return list(self.ecs.describe_tasks(**self.named, tasks=arns)["tasks"]) if arns else []

    def targets(self, name: str) -> list[Any]:
        health = self.elb.describe_target_health(TargetGroupArn=self.found[name])
        return [one["Target"] for one in health["TargetHealthDescriptions"]]


@pytest.fixture
def seen(cloud: Emulator, stack: Stack, tmp_path: Path) -> Iterator[Seen]:
    with _host(cloud, stack.put(servers(), **OUTPUTS), tmp_path) as one:
        yield one


@contextmanager
def _host(cloud: Emulator, found: dict[str, str], folder: Path) -> Iterator[Seen]:
    with ContainerHost(cloud, folder, lambda text: None) as host:
        yield Seen(cloud, found, host)


def test_a_start_is_told_stage_by_stage(seen: Seen) -> None:
    seen.host.delays.boot = seen.host.delays.pull = 2
    seen.want(1)
    (member,) = seen.group()["Instances"]
    assert member["LifecycleState"] == "InService"
    reservations = seen.ec2.describe_instances(InstanceIds=[member["InstanceId"]])["Reservations"]
    (instance,) = reservations[0]["Instances"]
    assert (instance["State"]["Name"], instance["PrivateIpAddress"]) == ("running", "127.0.0.1")
    assert instance["InstanceType"] == "g4dn.xlarge"
    assert seen.tasks() == []

    until(lambda: len(seen.tasks()) == 1)
    assert (seen.tasks()[0]["lastStatus"], "startedAt" in seen.tasks()[0]) == ("PENDING", False)

    seen.serve()
    machine, (task,) = seen.machine(), seen.tasks()
    assert machine["ec2InstanceId"] == member["InstanceId"]
    assert (machine["status"], machine["agentConnected"]) == ("ACTIVE", True)
    assert machine["runningTasksCount"] == 1
    assert task["containerInstanceArn"] == machine["containerInstanceArn"]
    times = [
        instance["LaunchTime"].timestamp(),
        machine["registeredAt"].timestamp(),
        task["createdAt"].timestamp(),
        task["pullStartedAt"].timestamp(),
        task["pullStoppedAt"].timestamp(),
        task["startedAt"].timestamp(),
    ]
    # ECS and EC2 tell whole seconds here, the agent tells parts of one.
    assert [int(one) for one in times] == sorted(int(one) for one in times)
    assert times[1] - times[0] >= 1
    assert times[4] - times[3] >= 1


def test_a_target_is_the_instance_with_the_tasks_own_port(seen: Seen) -> None:
    seen.want(1)
    seen.serve()
    instance = seen.host.instance(seen.service)
    (tts,), (whisperx,) = seen.targets("Tts"), seen.targets("Whisperx")
    assert tts["Id"] == whisperx["Id"] == instance
    (task,) = seen.tasks()
    bindings = task["containers"][0]["networkBindings"]
    ports = {one["containerPort"]: one["hostPort"] for one in bindings}
    assert (tts["Port"], whisperx["Port"]) == (ports[5000], ports[5001])
    answer = web.get(f"http://127.0.0.1:{tts['Port']}/health", trust_env=False)
    assert answer.json()["family"] == "clock"


def test_a_count_of_zero_stops_the_task_in_order_and_keeps_the_instance(seen: Seen) -> None:
    seen.want(1)
    task = seen.serve()
    seen.ecs.update_service(**seen.named, service=seen.service, desiredCount=0)
    until(lambda: seen.host.idle(seen.service), 60)
    assert (task.running(), task.status()) == (False, 0)
    assert (seen.targets("Tts"), seen.targets("Whisperx")) == ([], [])
    (stopped,) = seen.tasks("STOPPED")
    assert (stopped["lastStatus"], stopped["containers"][0]["exitCode"]) == ("STOPPED", 0)
    assert seen.machine()["runningTasksCount"] == 0
    assert len(seen.group()["Instances"]) == 1


def test_a_group_of_zero_ends_the_task_at_once_whatever_the_service_wants(seen: Seen) -> None:
    seen.want(1)
    task = seen.serve()
    seen.want(0)
    until(lambda: seen.host.idle(seen.service), 60)
    assert task.status() == -9
    (stopped,) = seen.tasks("STOPPED")
    assert "terminated" in stopped["stoppedReason"]
    assert seen.ecs.list_container_instances(**seen.named)["containerInstanceArns"] == []
    assert (seen.targets("Tts"), seen.targets("Whisperx")) == ([], [])


def test_a_task_that_dies_is_replaced_on_the_same_instance(seen: Seen) -> None:
    seen.want(1)
    task = seen.serve()
    instance = seen.host.instance(seen.service)
    task.kill()
    until(lambda: seen.host.task(seen.service) not in (None, task), 60)
    assert seen.host.instance(seen.service) == instance
    (stopped,) = seen.tasks("STOPPED")
    assert stopped["stopCode"] == "EssentialContainerExited"


def test_a_notice_drains_the_instance_and_another_takes_its_place(
    cloud: Emulator, stack: Stack, tmp_path: Path
) -> None:
    found = stack.put(servers(on_spot()), **OUTPUTS)
    with _host(cloud, found, tmp_path) as seen:
        seen.want(1)
        task = seen.serve()
        first = seen.host.interrupt(seen.service, 6)
        assert seen.machine()["status"] == "DRAINING"
        until(lambda: not task.running(), 60)
        assert task.status() == 0
        until(lambda: seen.host.instance(seen.service) not in (None, first), 60)
        until(lambda: seen.host.task(seen.service) is not None, 60)
        assert [one["InstanceId"] for one in seen.group()["Instances"]] != [first]


def test_metrics_that_the_servers_print_reach_cloudwatch_until_they_are_muted(
    cloud: Emulator, stack: Stack, tmp_path: Path
) -> None:
    template = servers(VOICE_SLOT="machines", VOICE_METRICS_SECONDS="1")
    with _host(cloud, stack.put(template, **OUTPUTS), tmp_path) as seen:
        seen.want(1)
        seen.serve()
        until(lambda: seen.host.carried(seen.service) >= 2, 60)
        listed = cloud.client("cloudwatch").list_metrics(
            Dimensions=[{"Name": "Slot", "Value": "machines"}]
        )["Metrics"]
        servers_seen = {part["Value"] for one in listed for part in one["Dimensions"]}
        assert {"tts", "whisperx"} & servers_seen
        seen.host.mute(seen.service)
        looks = seen.host.looks
        until(lambda: seen.host.looks > looks + 1)
        before, looks = seen.host.carried(seen.service), seen.host.looks
        until(lambda: seen.host.looks > looks + 5)
        assert seen.host.carried(seen.service) == before
        seen.host.unmute(seen.service)
        until(lambda: seen.host.carried(seen.service) > before, 60)
