"""The container host of the emulated cloud runs what services want, as the task's own role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.emulator.emulator import Emulator
from tests.emulator.host.agent import ContainerHost
from tests.emulator.host.credentials import CredentialsEndpoint
from tests.emulator.host.task import Task, TaskRefused
from tests.emulator.pieces import LAUNCH, allow, group, role
from tests.emulator.stack import Stack
from tests.patience import until

pytest_plugins = ["tests.emulator.fixture"]

READY = {"HealthCheckPath": "/ready", "Port": 5000, "Protocol": "HTTP", "TargetType": "instance"}
TARGETS = {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": READY}


def servers() -> dict[str, Any]:
    """A service of the true servers, with the engine that needs no model."""
    container = {
        "Name": "voice",
        "Image": "voice:1",
        "Memory": 64,
        "StopTimeout": 20,
        "Environment": [
            {"Name": "VOICE_ENGINE", "Value": "clock"},
            {"Name": "VOICE_HOST", "Value": "0.0.0.0"},
            {"Name": "VOICE_GRACEFUL_SECONDS", "Value": "2"},
        ],
        "PortMappings": [{"ContainerPort": port, "HostPort": port} for port in (5000, 5001)],
        "HealthCheck": {"Command": ["CMD", "python3", "-c", "import voicehost"]},
    }
    provider = {"AutoScalingGroupArn": {"Ref": "Group"}}
    balancers = [
        {"ContainerName": "voice", "ContainerPort": port, "TargetGroupArn": {"Ref": name}}
        for name, port in (("Tts", 5000), ("Whisperx", 5001))
    ]
    return {
        "Launch": LAUNCH,
        "Group": group(),
        "Cluster": {"Type": "AWS::ECS::Cluster"},
        "Tts": TARGETS,
        "Whisperx": TARGETS,
        "Provider": {
            "Type": "AWS::ECS::CapacityProvider",
            "Properties": {"AutoScalingGroupProvider": provider},
        },
        "Role": role("ecs-tasks.amazonaws.com", allow("*", "s3:ListAllMyBuckets")),
        "Task": {
            "Type": "AWS::ECS::TaskDefinition",
            "Properties": {
                "TaskRoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                "ContainerDefinitions": [container],
            },
        },
        "Service": {
            "Type": "AWS::ECS::Service",
            "Properties": {
                "Cluster": {"Ref": "Cluster"},
                "TaskDefinition": {"Ref": "Task"},
                "DesiredCount": 1,
                "CapacityProviderStrategy": [
                    {"CapacityProvider": {"Ref": "Provider"}, "Weight": 1}
                ],
                "LoadBalancers": balancers,
            },
        },
    }


def test_a_task_runs_while_count_and_instance_are_there_and_is_a_target_while_ready(
    cloud: Emulator, stack: Stack, tmp_path: Path
) -> None:
    names = ("Group", "Cluster", "Tts", "Whisperx")
    outputs: dict[str, Any] = {name: {"Ref": name} for name in names}
    outputs["Service"] = {"Fn::GetAtt": ["Service", "Name"]}
    found = stack.put(servers(), **outputs)
    elb, autoscaling = cloud.client("elbv2"), cloud.client("autoscaling")
    said: list[str] = []

    def targets(name: str) -> list[Any]:
        health = elb.describe_target_health(TargetGroupArn=found[name])
        return [one["Target"] for one in health["TargetHealthDescriptions"]]

    def instances(count: int) -> None:
        autoscaling.set_desired_capacity(AutoScalingGroupName=found["Group"], DesiredCapacity=count)

    with ContainerHost(cloud, tmp_path, said.append) as host:
        # Without an instance the wish waits; with one the task starts.
        instances(1)
        until(lambda: host.serving(found["Service"]), 60)
        (tts,), (whisperx,) = targets("Tts"), targets("Whisperx")
        assert tts["Port"] != whisperx["Port"]
        answer = httpx.get(f"http://127.0.0.1:{tts['Port']}/health", trust_env=False)
        assert answer.json()["family"] == "clock"
        task = host.task(found["Service"])
        assert task is not None
        assert task.healthy()

        instances(0)
        until(lambda: host.idle(found["Service"]), 60)
        until(lambda: not task.running())
        assert (targets("Tts"), targets("Whisperx")) == ([], [])
    assert any("starts, image voice:1" in line for line in said)
    assert any("status 0: it is not wanted any more" in line for line in said)


def test_nothing_runs_without_an_instance(cloud: Emulator, stack: Stack, tmp_path: Path) -> None:
    service = stack.put(servers(), Name={"Fn::GetAtt": ["Service", "Name"]})["Name"]
    with ContainerHost(cloud, tmp_path, lambda text: None) as host:
        until(lambda: host.looks >= 2)
        assert host.idle(service)


def test_a_task_gets_its_own_roles_credentials_and_no_others(cloud: Emulator, stack: Stack) -> None:
    mine = role("ecs-tasks.amazonaws.com", allow("*", "s3:ListAllMyBuckets"))
    arn = stack.put({"Role": mine}, Role={"Fn::GetAtt": ["Role", "Arn"]})["Role"]
    with CredentialsEndpoint(cloud.client("sts")) as endpoint:
        variables = endpoint.environment("task-9", arn)
        url = variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
        assert httpx.get(url, trust_env=False).status_code == 403
        token = {"Authorization": variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"]}
        given = httpx.get(url, headers=token, trust_env=False).json()
        assert f"{endpoint.ends[given['AccessKeyId']]:%Y-%m-%dT%H:%M:%SZ}" == given["Expiration"]
    assert given["RoleArn"] == arn
    session = {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["Token"],
    }
    assert "task-9" in cloud.client("sts", **session).get_caller_identity()["Arn"]
    cloud.client("s3", **session).list_buckets()
    with pytest.raises(ClientError, match="not authorized"):
        cloud.client("ecs", **session).list_clusters()


def test_a_tasks_own_check_runs_in_its_environment_without_this_machines_credentials(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-whoever-runs-this")
    check = f'test -z "$AWS_SECRET_ACCESS_KEY" && test -e {tmp_path}/well'
    container = {
        "image": "voice:1",
        "portMappings": [{"containerPort": 5000}, {"containerPort": 5001}],
        "healthCheck": {"command": ["CMD-SHELL", check]},
    }
    definition = {"taskDefinitionArn": "arn", "containerDefinitions": [container]}
    task = Task(definition, tmp_path / "task", {"VOICE_ENGINE": "clock"})
    try:
        assert not task.healthy()
        (tmp_path / "well").touch()
        assert task.healthy()
    finally:
        task.stop()


@pytest.mark.parametrize("check", [{}, {"healthCheck": {"command": ["NONE"]}}])
def test_a_task_without_a_check_of_its_own_is_never_called_healthy(
    check: dict[str, Any], tmp_path: Path
) -> None:
    ports = [{"containerPort": 5000}, {"containerPort": 5001}]
    container = {"image": "voice:1", "portMappings": ports, **check}
    definition = {"taskDefinitionArn": "arn", "containerDefinitions": [container]}
    task = Task(definition, tmp_path / "task", {"VOICE_ENGINE": "clock"})
    try:
        assert not task.healthy()
    finally:
        task.stop()


def test_a_task_that_wants_secrets_injected_is_refused(tmp_path: Path) -> None:
    container = {"image": "voice:1", "secrets": [{"name": "A", "valueFrom": "arn"}]}
    with pytest.raises(TaskRefused, match="injects no secrets"):
        Task({"taskDefinitionArn": "arn", "containerDefinitions": [container]}, tmp_path, {})
