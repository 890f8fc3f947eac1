"""A task of the container host: its credentials, its own check, its log as metrics."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests import web
from tests.emulator.emulator import Emulator
from tests.emulator.host.agent import ContainerHost
from tests.emulator.host.credentials import CredentialsEndpoint
from tests.emulator.host.task import Task, TaskRefused
from tests.emulator.pieces import allow, role
from tests.emulator.stack import Stack
from tests.emulator.voice_service import servers
from tests.patience import until

pytest_plugins = ["tests.emulator.fixture"]


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
        assert web.get(url, trust_env=False).status_code == 403
        token = {"Authorization": variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"]}
        given = web.get(url, headers=token, trust_env=False).json()
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
