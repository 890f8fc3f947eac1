"""Secrets Manager in the emulated cloud, as AWS documents it."""

from __future__ import annotations

import json
import string
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.emulator import Emulator
from tests.emulator.pieces import allow, role
from tests.emulator.stack import Stack
from tests.patience import until

pytest_plugins = ["tests.emulator.fixture"]

# Notes each step in the pending value itself.
ROTATION = """
import boto3, json
api = boto3.client("secretsmanager")
def handler(event, context):
    named = {"SecretId": event["SecretId"]}
    token, step = event["ClientRequestToken"], event["Step"]
    assert "AWSPENDING" in api.describe_secret(**named)["VersionIdsToStages"][token]
    pending = {**named, "VersionId": token, "VersionStage": "AWSPENDING"}
    if step == "createSecret":
        try:
            api.get_secret_value(**pending)
        except api.exceptions.ResourceNotFoundException:
            api.put_secret_value(**named, ClientRequestToken=token, SecretString="[]",
                                 VersionStages=["AWSPENDING"])
    steps = json.loads(api.get_secret_value(**pending)["SecretString"]) + [step]
    api.put_secret_value(**named, ClientRequestToken=token, SecretString=json.dumps(steps),
                         VersionStages=["AWSPENDING"])
    if step == "finishSecret":
        stages = api.describe_secret(**named)["VersionIdsToStages"]
        (current,) = [v for v, labels in stages.items() if "AWSCURRENT" in labels]
        api.update_secret_version_stage(**named, VersionStage="AWSCURRENT",
                                        MoveToVersionId=token, RemoveFromVersionId=current)
"""


def rotated(**schedule: Any) -> dict[str, Any]:
    """A secret with the function above. Its role may touch only secrets that it rotates."""
    own = {
        "StringEquals": {
            "secretsmanager:resource/AllowRotationLambdaArn": {
                "Fn::Sub": "arn:aws:lambda:us-east-1:${AWS::AccountId}:function:rotate"
            }
        }
    }
    actions = ("Describe*", "Get*", "Put*", "UpdateSecretVersionStage")
    statement = allow("*", *(f"secretsmanager:{name}" for name in actions), Condition=own)
    return {
        "Secret": {
            "Type": "AWS::SecretsManager::Secret",
            "Properties": {"SecretString": "first"},
        },
        "Role": role("lambda.amazonaws.com", statement),
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": "rotate",
                "Runtime": "python3.12",
                "Handler": "index.handler",
                "Code": {"ZipFile": ROTATION},
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            },
        },
        "Schedule": {
            "Type": "AWS::SecretsManager::RotationSchedule",
            "Properties": {
                "SecretId": {"Ref": "Secret"},
                "RotationLambdaARN": {"Fn::GetAtt": ["Function", "Arn"]},
                "RotationRules": {"ScheduleExpression": "rate(30 days)"},
                **schedule,
            },
        },
    }


def test_ref_of_a_secret_is_its_arn(cloud: Emulator, stack: Stack) -> None:
    kind = "AWS::SecretsManager::Secret"
    secret = {"Type": kind, "Properties": {"SecretString": "a"}}
    found = stack.put({"Secret": secret}, Secret={"Ref": "Secret"})
    assert found["Secret"].startswith("arn:aws:secretsmanager:us-east-1:")
    api = cloud.client("secretsmanager")
    assert api.get_secret_value(SecretId=found["Secret"])["SecretString"] == "a"

    secret["Properties"] = {"SecretString": "b"}
    assert stack.put({"Secret": secret}, Secret={"Ref": "Secret"}) == found
    assert api.get_secret_value(SecretId=found["Secret"])["SecretString"] == "b"

    stack.delete()
    with pytest.raises(ClientError, match="can't find"):
        api.get_secret_value(SecretId=found["Secret"])


def test_a_generated_secret_obeys_what_its_template_asks(cloud: Emulator, stack: Stack) -> None:
    wanted = {
        "SecretStringTemplate": '{"name": "service"}',
        "GenerateStringKey": "key",
        "PasswordLength": 200,
        "ExcludePunctuation": True,
    }
    secret = {
        "Type": "AWS::SecretsManager::Secret",
        "Properties": {"GenerateSecretString": wanted},
    }
    found = stack.put({"Secret": secret}, Secret={"Ref": "Secret"})
    value = json.loads(
        cloud.client("secretsmanager").get_secret_value(SecretId=found["Secret"])["SecretString"]
    )
    assert value["name"] == "service"
    assert len(value["key"]) == 200
    assert set(value["key"]) <= set(string.ascii_letters + string.digits)


def test_a_secret_without_a_value_cannot_be_read(cloud: Emulator, stack: Stack) -> None:
    found = stack.put({"Secret": {"Type": "AWS::SecretsManager::Secret"}}, Secret={"Ref": "Secret"})
    api = cloud.client("secretsmanager")
    with pytest.raises(api.exceptions.ResourceNotFoundException):
        api.get_secret_value(SecretId=found["Secret"])


def test_rotation_runs_the_four_steps_and_keeps_the_previous_value(
    cloud: Emulator, stack: Stack
) -> None:
    found = stack.put(rotated(RotateImmediatelyOnUpdate=False), Secret={"Ref": "Secret"})
    api = cloud.client("secretsmanager")
    named = {"SecretId": found["Secret"]}
    described = api.describe_secret(**named)
    assert described["RotationEnabled"]
    assert described["RotationLambdaARN"].endswith(":function:rotate")
    assert api.get_secret_value(**named)["SecretString"] == "first"

    version = api.rotate_secret(**named)["VersionId"]
    until(lambda: api.get_secret_value(**named)["VersionId"] == version, 60)
    steps = json.loads(api.get_secret_value(**named)["SecretString"])
    assert steps == ["createSecret", "setSecret", "testSecret", "finishSecret"]
    previous = api.get_secret_value(**named, VersionStage="AWSPREVIOUS")
    assert previous["SecretString"] == "first"


def test_a_schedule_rotates_at_once_unless_it_says_otherwise(cloud: Emulator, stack: Stack) -> None:
    found = stack.put(rotated(), Secret={"Ref": "Secret"})
    api = cloud.client("secretsmanager")
    named = {"SecretId": found["Secret"]}
    until(lambda: api.get_secret_value(**named)["SecretString"] != "first", 60)

    resources = rotated()
    del resources["Schedule"]
    stack.put(resources)
    assert not api.describe_secret(**named).get("RotationEnabled")


def test_a_policy_on_a_secret_is_stored_and_taken_away(cloud: Emulator, stack: Stack) -> None:
    secret = {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "a"}}
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "secretsmanager:DeleteSecret",
        "Resource": "*",
    }
    policy = {
        "Type": "AWS::SecretsManager::ResourcePolicy",
        "Properties": {
            "SecretId": {"Ref": "Secret"},
            "ResourcePolicy": {"Version": "2012-10-17", "Statement": [deny]},
        },
    }
    found = stack.put({"Secret": secret, "Policy": policy}, Secret={"Ref": "Secret"})
    api = cloud.client("secretsmanager")
    stored = api.get_resource_policy(SecretId=found["Secret"])["ResourcePolicy"]
    assert json.loads(stored)["Statement"] == [deny]

    stack.put({"Secret": secret})
    assert "ResourcePolicy" not in api.get_resource_policy(SecretId=found["Secret"])
