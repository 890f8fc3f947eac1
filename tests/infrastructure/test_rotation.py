"""The rotation of the service key, step by step, against Secrets Manager's own interface."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

import rotation

NEW = "11111111-1111-1111-1111-111111111111"
SECRET = "gpu-voice-test/service-key"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        made = boto3.client("secretsmanager")
        made.create_secret(Name=SECRET, SecretString=json.dumps({"key": "first" * 10}))
        yield made


def step(name: str, version: str = NEW) -> None:
    rotation.handler({"SecretId": SECRET, "ClientRequestToken": version, "Step": name}, None)


def key(client: Any, stage: str) -> str:
    found = client.get_secret_value(SecretId=SECRET, VersionStage=stage)["SecretString"]
    return str(json.loads(found)["key"])


def test_four_steps_make_a_new_key_and_keep_the_one_before(client: Any) -> None:
    for name in ("createSecret", "setSecret", "testSecret"):
        step(name)
        assert key(client, "AWSCURRENT") == "first" * 10
    step("finishSecret")
    assert key(client, "AWSPREVIOUS") == "first" * 10
    assert key(client, "AWSCURRENT").startswith("gv_")
    assert len(key(client, "AWSCURRENT")) > 40


def test_every_step_may_be_repeated(client: Any) -> None:
    step("createSecret")
    made = key(client, "AWSPENDING")
    step("createSecret")
    assert key(client, "AWSPENDING") == made
    step("finishSecret")
    step("finishSecret")
    assert key(client, "AWSCURRENT") == made
    assert key(client, "AWSPREVIOUS") == "first" * 10


@pytest.mark.parametrize("text", ["not json", '{"other": 1}', '{"key": "short"}', "[]"])
def test_a_pending_version_that_is_no_key_never_becomes_current(client: Any, text: str) -> None:
    client.put_secret_value(
        SecretId=SECRET, ClientRequestToken=NEW, SecretString=text, VersionStages=["AWSPENDING"]
    )
    with pytest.raises(rotation.RotationError):
        step("testSecret")
    assert key(client, "AWSCURRENT") == "first" * 10


@pytest.mark.parametrize("name", ["testSecret", "finishSecret"])
def test_a_version_that_was_never_staged_is_refused(client: Any, name: str) -> None:
    with pytest.raises(rotation.RotationError, match="not staged"):
        step(name, "22222222-2222-2222-2222-222222222222")


def test_no_log_line_holds_a_key(client: Any, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("createSecret", "testSecret", "finishSecret"):
        step(name)
    assert "rotation step" in caplog.text
    assert key(client, "AWSCURRENT") not in caplog.text
