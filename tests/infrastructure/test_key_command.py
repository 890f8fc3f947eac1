"""`make key`: minted once, valid for the overlap, ended on demand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from operate import key
from operate.failures import CommandError

STACK = "GpuVoice-dev-Service"
SECRET = "gpu-voice-dev/keys"
TEMPLATE = {
    "Resources": {"Any": {"Type": "AWS::SNS::Topic"}},
    "Outputs": {"KeysSecretArn": {"Value": SECRET}},
}


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        boto3.client("cloudformation", "us-east-1").create_stack(
            StackName=STACK, TemplateBody=json.dumps(TEMPLATE)
        )
        client = boto3.client("secretsmanager", "us-east-1")
        client.create_secret(Name=SECRET, SecretString="{}")
        yield client


def stored(aws: Any) -> Any:
    return json.loads(
        aws.get_secret_value(SecretId=SECRET, VersionStage="AWSCURRENT")["SecretString"]
    )


def test_a_key_is_shown_once_and_kept_as_a_hash(aws: Any) -> None:
    clear, said = key.make("dev", "alice", 64)
    assert clear.startswith("gv_")
    assert clear not in said
    text = json.dumps(stored(aws))
    assert clear not in text
    (entry,) = stored(aws)["alice"]
    assert entry["queue_items"] == 64
    assert entry["hash"].startswith("sha256:")


def test_minting_again_leaves_the_old_key_valid_for_the_overlap(aws: Any) -> None:
    key.make("dev", "alice", None)
    _, said = key.make("dev", "alice", None)
    old, new = stored(aws)["alice"]
    ends = datetime.fromisoformat(old["expires_at"])
    assert abs(ends - datetime.now(UTC) - timedelta(hours=72)) < timedelta(minutes=1)
    assert old["expires_at"] in said
    assert "expires_at" not in new


def test_a_third_key_does_not_lengthen_the_life_of_the_first(aws: Any) -> None:
    soon = key.stamp(datetime.now(UTC) + timedelta(hours=1))
    first = {"hash": "sha256:" + "0" * 64, "expires_at": soon}
    gone = {"hash": "sha256:" + "1" * 64, "expires_at": "2020-01-01T00:00:00Z"}
    aws.put_secret_value(SecretId=SECRET, SecretString=json.dumps({"alice": [gone, first]}))
    key.make("dev", "alice", None)
    kept, _ = stored(aws)["alice"]
    assert kept == first


def test_a_new_key_has_the_limit_of_the_one_before_unless_another_is_given(aws: Any) -> None:
    key.make("dev", "alice", 64)
    key.make("dev", "alice", None)
    key.make("dev", "alice", 32)
    assert [entry.get("queue_items") for entry in stored(aws)["alice"]] == [64, 64, 32]


@pytest.mark.parametrize("items", [0, -3])
def test_a_limit_that_lets_nothing_wait_is_refused(aws: Any, items: int) -> None:
    with pytest.raises(CommandError, match="QUEUE_ITEMS must be 1 or more"):
        key.make("dev", "alice", items)
    assert stored(aws) == {}


def test_a_key_revoked_meanwhile_does_not_come_back(aws: Any) -> None:
    key.make("dev", "bob", None)
    mine = key._Secret("dev")
    ring = mine.read()
    key.revoke("dev", "bob")
    with pytest.raises(CommandError, match="Somebody else has just written the keys"):
        mine.write({**ring, "alice": []})
    assert stored(aws) == {}


def test_ends_are_compared_as_moments_not_as_texts() -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    digest = {"hash": "sha256:" + "0" * 64}
    here = {**digest, "expires_at": "2026-11-24T10:00:00-08:00"}
    gone = {**digest, "expires_at": "2026-11-24T13:00:00+02:00"}
    open_ended = {**digest, "expires_at": None}
    assert key.valid([here, gone, open_ended], noon) == [here, open_ended]
    with pytest.raises(CommandError, match="expires_at is no time"):
        key.valid([{**digest, "expires_at": 5}], noon)


def test_revoking_ends_all_keys_of_a_name_and_no_others(aws: Any) -> None:
    key.make("dev", "alice", None)
    key.make("dev", "bob", None)
    assert "no key in dev any more" in key.revoke("dev", "alice")
    assert list(stored(aws)) == ["bob"]
    with pytest.raises(CommandError, match="alice has no key in dev; keys belong to: bob"):
        key.revoke("dev", "alice")


@pytest.mark.parametrize("name", ["", "a b", "service", "anonymous", "x" * 65, "../x"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(CommandError, match=r"cannot name a key|make key NAME=alice"):
        key.make("dev", name, None)


def test_an_environment_that_is_not_deployed_says_so() -> None:
    with pytest.raises(CommandError, match="prod is not deployed in this account"):
        key.make("prod", "alice", None)


def test_a_broken_secret_is_not_overwritten(aws: Any) -> None:
    aws.put_secret_value(SecretId=SECRET, SecretString="oops")
    with pytest.raises(CommandError, match="holds no JSON object"):
        key.make("dev", "alice", None)
    found = aws.get_secret_value(SecretId=SECRET, VersionStage="AWSCURRENT")["SecretString"]
    assert found == "oops"
