"""The AWS account: quotas, zones, images and drift, each found when it is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count

from gpuvoice.doctor.account import check_account
from gpuvoice.doctor.finding import Finding
from tests.client.doctor.conftest import ON_DEMAND, SPOT
from tests.client.doctor.findings import by_check, statuses
from tests.client.doctor.pretend_stack import BASE, ENV, REGION, PretendStack, checkout


@pytest.fixture(autouse=True)
def _account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path)
    with mock_aws():
        yield


def looked() -> dict[str, Finding]:
    return by_check(check_account(ENV, None))


def test_where_all_is_right_all_is_well(quotas: dict[str, float], tmp_path: Path) -> None:
    PretendStack().make()
    checkout(tmp_path, live=["blue"])
    told = looked()
    assert {name: each.status for name, each in told.items()} == dict.fromkeys(
        ("stack", "GPU quota, on demand", "GPU quota, Spot", "instance type g4dn.xlarge",
         "image of blue", "image of green", "release", "drift"), "ok",
    )  # fmt: skip
    assert told["stack"].found == "GpuVoice-dev-Service in us-east-1: https://gpu.example.com"
    assert told["GPU quota, on demand"].found == "16 vCPUs; a slot takes 4, a swap 8"
    assert "us-east-1a, us-east-1b" in told["instance type g4dn.xlarge"].found
    assert told["release"].found == "blue v1, 0 running (active); green v1, 0 running"


@pytest.mark.parametrize(
    ("allowed", "status"), [(0, "fail"), (3, "fail"), (4, "warn"), (7, "warn"), (8, "ok")]
)
def test_a_quota_must_fit_one_slot_and_should_fit_two(
    quotas: dict[str, float], tmp_path: Path, allowed: float, status: str
) -> None:
    checkout(tmp_path)
    quotas[ON_DEMAND] = allowed
    told = looked()["GPU quota, on demand"]
    assert told.status == status
    if status != "ok":
        assert f"--quota-code {ON_DEMAND} --desired-value 16" in told.mend


def test_each_way_to_buy_has_its_own_quota(quotas: dict[str, float], tmp_path: Path) -> None:
    checkout(tmp_path, base=BASE + "  purchase: spot\n")
    quotas[SPOT], quotas[ON_DEMAND] = 0, 16
    told = looked()
    assert told["GPU quota, Spot"].status == "fail"
    assert SPOT in told["GPU quota, Spot"].mend
    assert told["GPU quota, on demand"].status == "ok"
    quotas[SPOT], quotas[ON_DEMAND] = 16, 0
    told = looked()
    assert told["GPU quota, Spot"].status == "ok"
    assert told["GPU quota, on demand"].status == "warn"


def test_a_larger_type_takes_more_of_the_quota(quotas: dict[str, float], tmp_path: Path) -> None:
    checkout(tmp_path, base=BASE.replace("g4dn.xlarge", "g4dn.xlarge, g5.4xlarge"))
    told = looked()["GPU quota, on demand"]
    assert told.status == "warn"
    assert told.found == "16 vCPUs; a slot takes 16, a swap 32: both slots cannot run at once"
    assert "--desired-value 32" in told.mend


def test_without_a_quota_of_its_own_an_account_has_that_of_aws(
    quotas: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    quotas.clear()
    asked: list[str] = []
    from botocore.client import BaseClient

    plain = BaseClient._make_api_call

    def call(self: BaseClient, name: str, given: dict[str, Any]) -> Any:
        if name == "GetAWSDefaultServiceQuota":  # which the pretended service lacks
            asked.append(given["QuotaCode"])
            return {"Quota": {"Value": 0.0}}
        return plain(self, name, given)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    assert looked()["GPU quota, on demand"].status == "fail"
    assert asked == [ON_DEMAND, SPOT]


def test_a_type_that_the_region_or_the_zones_lack_is_found(
    quotas: dict[str, float], tmp_path: Path
) -> None:
    PretendStack(zones=("us-east-1a", "us-east-1e")).make()  # e offers no g4dn
    checkout(tmp_path, base=BASE.replace("[g4dn.xlarge]", "[g4dn.xlarge, g6e.16xlarge]"))
    told = looked()
    assert told["instance type g4dn.xlarge"].status == "warn"
    assert "not in us-east-1e" in told["instance type g4dn.xlarge"].found
    (tmp_path / "config/base.yaml").write_text(
        "region: us-east-1\ncapacity: {instance_types: [g9.xlarge]}", encoding="utf-8"
    )
    assert looked()["instance type g9.xlarge"].status == "fail"


def test_zones_that_all_lack_the_type_fail(quotas: dict[str, float], tmp_path: Path) -> None:
    PretendStack(zones=("us-east-1e", "us-east-1e")).make()
    checkout(tmp_path)
    told = looked()["instance type g4dn.xlarge"]
    assert told.status == "fail"
    assert "network.zones" in told.mend


def test_a_missing_image_fails_for_the_active_slot_and_warns_for_the_idle_one(
    quotas: dict[str, float], tmp_path: Path
) -> None:
    PretendStack(pushed=("v2",)).make()
    checkout(tmp_path, tags=("v1", "v2"))
    told = looked()
    assert told["image of blue"].status == "fail"
    assert told["image of blue"].mend == "make push TAG=v1 ENV=dev"
    assert told["image of green"].status == "ok"
    checkout_again = tmp_path / "config/release.yaml"
    text = checkout_again.read_text(encoding="utf-8").replace("active: blue", "active: green")
    checkout_again.write_text(text, encoding="utf-8")
    assert looked()["image of blue"].status == "warn"


def drift(found: Iterator[Finding]) -> list[str]:
    return [each.found for each in found if each.check == "drift" and each.status == "fail"]


def test_another_tag_than_in_the_file_is_drift(quotas: dict[str, float], tmp_path: Path) -> None:
    PretendStack(tags={"blue": "v0", "green": "v1"}).make()
    checkout(tmp_path)
    assert drift(check_account(ENV, None)) == ["blue has v1 in the file and runs v0"]


def test_another_active_slot_than_in_the_file_is_drift(
    quotas: dict[str, float], tmp_path: Path
) -> None:
    PretendStack(active="green", weights={"blue": 0, "green": 100}).make()
    checkout(tmp_path)
    found = drift(check_account(ENV, None))
    assert found[0] == "blue is active in the file, green in the deployed stack"
    assert "blue gets 0 % of the calls to /tts, 100 % in the file" in found
    assert "green gets 100 % of the calls to /whisperx, 0 % in the file" in found


def test_weights_moved_by_hand_are_drift_and_a_trial_in_the_file_is_not(
    quotas: dict[str, float], tmp_path: Path
) -> None:
    PretendStack(weights={"blue": 90, "green": 10}).make()
    checkout(tmp_path)
    assert len(drift(check_account(ENV, None))) == 4
    file = tmp_path / "config/release.yaml"
    text = file.read_text(encoding="utf-8").replace("trial_percent: 0", "trial_percent: 10")
    file.write_text(text, encoding="utf-8")
    assert drift(check_account(ENV, None)) == []


def test_a_record_of_something_else_is_a_warning(quotas: dict[str, float], tmp_path: Path) -> None:
    PretendStack().make()
    checkout(tmp_path, live=["green"])
    told = looked()["record"]
    assert told.status == "warn"
    assert told.found == "config/deployed says that green is live; calls go to blue"


def test_without_a_stack_the_account_is_looked_into_all_the_same(
    quotas: dict[str, float], tmp_path: Path
) -> None:
    checkout(tmp_path)
    told = looked()
    assert told["stack"].status == "warn"
    assert "make deploy ENV=dev" in told["stack"].mend
    assert told["GPU quota, on demand"].status == "ok"
    assert told["image of blue"].status == "fail"
    assert told["release"].status == "skipped"


def test_outside_a_checkout_the_images_are_those_that_the_slots_name(
    quotas: dict[str, float],
) -> None:
    PretendStack(tags={"blue": "v1", "green": "v7"}).make()
    told = looked()
    assert (told["image of blue"].status, told["image of green"].status) == ("ok", "warn")
    assert told["release"].status == "skipped"


def test_without_credentials_or_without_an_environment_all_is_skipped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (found,) = check_account(None, None)
    assert (found.status, "--env" in found.mend) == ("skipped", True)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    (found,) = check_account(ENV, None)
    assert found.status == "skipped"
    assert "There are no AWS credentials here" in found.found


def test_a_missing_right_is_named_and_skips_its_own_check_alone(
    quotas: dict[str, float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    PretendStack().make()
    checkout(tmp_path)
    iam = boto3.client("iam")
    iam.create_user(UserName="eve")
    allowed = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Resource": "*",
             "Action": ["ec2:*", "autoscaling:*", "cloudformation:*"]},
        ],
    }  # fmt: skip
    iam.put_user_policy(UserName="eve", PolicyName="some", PolicyDocument=json.dumps(allowed))
    key = iam.create_access_key(UserName="eve")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    told = set_initial_no_auth_action_count(0)(looked)()
    assert told["stack"].status == "ok"
    assert told["instance type g4dn.xlarge"].status == "ok"
    missing = {name: each.found for name, each in told.items() if each.status == "skipped"}
    assert missing == {
        "GPU quota, on demand": "these credentials may not servicequotas:GetServiceQuota",
        "GPU quota, Spot": "these credentials may not servicequotas:GetServiceQuota",
        "image": "these credentials may not ecr:DescribeImages",
        "release": "these credentials may not ecs:DescribeServices",
    }


def test_credentials_that_are_over_are_told_from_missing_rights(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    checkout(tmp_path)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIANOBODY0000000000")
    told = set_initial_no_auth_action_count(0)(looked)()
    assert set(statuses(told.values()).values()) == {"skipped"}
    assert "takes these credentials no more" in told["stack"].found
    assert "aws sso login" in told["stack"].found


@pytest.mark.parametrize("text", ["dev: [", "dev:\n  active: blue\n"])
def test_a_release_file_that_cannot_be_read_fails_in_words(
    quotas: dict[str, float], tmp_path: Path, text: str
) -> None:
    checkout(tmp_path)
    (tmp_path / "config/release.yaml").write_text(text, encoding="utf-8")
    (found,) = check_account(ENV, None)
    assert found.status == "fail"
    assert "config/release.yaml" in found.found
