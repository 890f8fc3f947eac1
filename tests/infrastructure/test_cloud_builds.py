"""Images built in AWS: off by default, and a build may do what a build does and no more."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.settings import ConfigError, Settings, validated
from operate.cloud_build.command import PROJECT, SOURCES
from stacks.parts.image_build import BUILDSPEC
from tests.infrastructure.pretend_builds import GROUP
from tests.infrastructure.stacks_under_test import Stacks, settings, stacks

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made() -> Stacks:
    return stacks({"image": {"build": True}})


def project(made: Stacks) -> Any:
    return made.one("AWS::CodeBuild::Project")


def test_nothing_of_it_is_there_unless_it_is_asked_for(dev: Stacks, made: Stacks) -> None:
    assert not dev.of("AWS::CodeBuild::Project")
    more = set(made.service["Resources"]) - set(dev.service["Resources"])
    assert all(name.startswith("ImageBuild") for name in more)
    assert len(more) == len(made.service["Resources"]) - len(dev.service["Resources"]) == 6


def test_the_outputs_are_what_the_command_looks_up(made: Stacks) -> None:
    (name,) = made.of("AWS::CodeBuild::Project")
    (bucket,) = made.of("AWS::S3::Bucket", path="/ImageBuild/")
    assert made.service["Outputs"][PROJECT]["Value"] == {"Ref": name}
    assert made.service["Outputs"][SOURCES]["Value"] == {"Ref": bucket}
    assert made.one("AWS::Logs::LogGroup", path="/ImageBuild/")["LogGroupName"] == GROUP


def test_a_build_has_docker_room_and_an_end(made: Stacks) -> None:
    found = project(made)
    assert found["Environment"]["PrivilegedMode"] is True
    assert found["Environment"]["ComputeType"] == "BUILD_GENERAL1_LARGE"
    assert found["TimeoutInMinutes"] == 120
    assert found["Artifacts"] == {"Type": "NO_ARTIFACTS"}
    variables = {
        each["Name"]: each["Value"] for each in found["Environment"]["EnvironmentVariables"]
    }
    assert list(variables) == ["REPOSITORY"]
    (repository,) = made.of("AWS::ECR::Repository")
    assert {"Ref": repository} in variables["REPOSITORY"]["Fn::Join"][1]


@pytest.mark.parametrize(
    ("machine", "kind"),
    [("xlarge", "BUILD_GENERAL1_XLARGE"), ("2xlarge", "BUILD_GENERAL1_2XLARGE")],
)
def test_a_build_may_have_a_larger_machine_and_longer_time(machine: str, kind: str) -> None:
    image = {"build": True, "build_machine": machine, "build_minutes": 200}
    found = project(stacks({"image": image}))
    assert (found["Environment"]["ComputeType"], found["TimeoutInMinutes"]) == (kind, 200)


@pytest.mark.parametrize("image", [{"build_machine": "small"}, {"build_minutes": 5}])
def test_a_machine_too_small_and_a_time_too_short_are_refused(image: dict[str, Any]) -> None:
    below = settings().model_dump(mode="json")
    with pytest.raises(ConfigError, match=r"image\.build_m"):
        validated(Settings, {**below, "image": image}, "config/dev.yaml")


def test_a_build_reads_its_zip_writes_its_log_and_pushes_to_one_repository(made: Stacks) -> None:
    (bucket,) = made.of("AWS::S3::Bucket", path="/ImageBuild/")
    (log,) = made.of("AWS::Logs::LogGroup", path="/ImageBuild/")
    (repository,) = made.of("AWS::ECR::Repository")
    policy = made.one("AWS::IAM::Policy", path="/ImageBuild/")["PolicyDocument"]["Statement"]
    where: dict[str, set[str]] = {}
    for statement in policy:
        actions = statement["Action"]
        assert statement["Effect"] == "Allow"
        where.setdefault(json.dumps(statement["Resource"]), set()).update(
            [actions] if isinstance(actions, str) else actions
        )
    zips = {"Fn::Join": ["", [{"Fn::GetAtt": [bucket, "Arn"]}, "/*"]]}
    assert where.pop(json.dumps(zips)) == {"s3:GetObject", "s3:GetObjectVersion"}
    asked = where.pop(json.dumps({"Fn::GetAtt": [bucket, "Arn"]}))
    assert asked == {"s3:GetBucketAcl", "s3:GetBucketLocation"}
    lines = where.pop(json.dumps({"Fn::GetAtt": [log, "Arn"]}))
    assert lines == {"logs:CreateLogStream", "logs:PutLogEvents"}
    assert where.pop(json.dumps("*")) == {"ecr:GetAuthorizationToken"}
    images = where.pop(json.dumps({"Fn::GetAtt": [repository, "Arn"]}))
    assert {"ecr:PutImage", "ecr:UploadLayerPart", "ecr:BatchGetImage"} <= images
    assert "ecr:DescribeImages" in images
    assert not [action for action in images if "Delete" in action or "Set" in action]
    assert not where


def test_only_codebuild_of_this_account_takes_the_role(made: Stacks) -> None:
    role = made.one("AWS::IAM::Role", path="/ImageBuild/")["AssumeRolePolicyDocument"]
    (statement,) = role["Statement"]
    assert statement["Principal"] == {"Service": "codebuild.amazonaws.com"}
    own = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert statement["Condition"] == own


def test_sources_are_private_and_gone_after_a_week(made: Stacks) -> None:
    bucket = made.one("AWS::S3::Bucket", path="/ImageBuild/")
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", 7)
    policy = made.one("AWS::S3::BucketPolicy", path="/ImageBuild/")["PolicyDocument"]["Statement"]
    assert {"aws:SecureTransport": "false"} in [s["Condition"].get("Bool") for s in policy]


def test_an_environment_that_shares_the_repository_can_build_for_it_too() -> None:
    made = stacks({"image": {"build": True, "create": False}})
    policy = json.dumps(made.one("AWS::IAM::Policy", path="/ImageBuild/"))
    assert ":repository/gpu-voice" in policy


def test_a_build_is_told_what_to_do_by_a_file_of_the_checkout_that_uses_its_variables(
    made: Stacks,
) -> None:
    assert project(made)["Source"]["BuildSpec"] == BUILDSPEC
    told = yaml.safe_load((ROOT / BUILDSPEC).read_text(encoding="utf-8"))
    words = json.dumps(told["phases"])
    assert set(re.findall(r"\$\{?(REPOSITORY|TAG)\b", words)) == {"REPOSITORY", "TAG"}
