"""IAM in the emulated cloud, as AWS documents it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.emulator import Emulator
from tests.emulator.pieces import allow, role
from tests.emulator.stack import Stack

pytest_plugins = ["tests.emulator.fixture"]


def as_role(cloud: Emulator, arn: str, service: str) -> Any:
    """A client with a role's credentials."""
    assumed = cloud.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")
    credentials = assumed["Credentials"]
    return cloud.client(
        service,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def test_calls_on_a_service_are_authorised_on_the_services_arn(
    cloud: Emulator, stack: Stack
) -> None:
    task = {"Name": "voice", "Image": "voice:1", "Memory": 64}
    services = {
        name: {
            "Type": "AWS::ECS::Service",
            "Properties": {
                "Cluster": {"Ref": "Cluster"},
                "TaskDefinition": {"Ref": "Task"},
                "DesiredCount": 0,
            },
        }
        for name in ("Mine", "Other")
    }
    calls = ("ecs:UpdateService", "ecs:DescribeServices")
    found = stack.put(
        {
            "Cluster": {"Type": "AWS::ECS::Cluster"},
            "Task": {
                "Type": "AWS::ECS::TaskDefinition",
                "Properties": {"ContainerDefinitions": [task]},
            },
            **services,
            "Role": role("ecs-tasks.amazonaws.com", allow({"Ref": "Mine"}, *calls)),
        },
        Role={"Fn::GetAtt": ["Role", "Arn"]},
        Cluster={"Ref": "Cluster"},
        Mine={"Ref": "Mine"},
        Other={"Ref": "Other"},
    )
    ecs = as_role(cloud, found["Role"], "ecs")
    for named in (found["Mine"], found["Mine"].rpartition("/")[2]):
        ecs.update_service(cluster=found["Cluster"], service=named, desiredCount=0)
        ecs.describe_services(cluster=found["Cluster"], services=[named])
    with pytest.raises(ClientError, match="not authorized"):
        ecs.update_service(cluster=found["Cluster"], service=found["Other"], desiredCount=0)


def test_a_role_may_be_given_some_stages_of_a_secret(cloud: Emulator, stack: Stack) -> None:
    only = {"ForAnyValue:StringEquals": {"secretsmanager:VersionStage": ["AWSPREVIOUS"]}}
    read = allow({"Ref": "Secret"}, "secretsmanager:GetSecretValue", Condition=only)
    secret = {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "a"}}
    found = stack.put(
        {"Secret": secret, "Role": role("ecs-tasks.amazonaws.com", read)},
        Secret={"Ref": "Secret"},
        Role={"Fn::GetAtt": ["Role", "Arn"]},
    )
    named = {"SecretId": found["Secret"]}
    cloud.client("secretsmanager").put_secret_value(**named, SecretString="b")
    mine = as_role(cloud, found["Role"], "secretsmanager")
    assert mine.get_secret_value(**named, VersionStage="AWSPREVIOUS")["SecretString"] == "a"
    with pytest.raises(ClientError, match="not authorized"):
        mine.get_secret_value(**named, VersionStage="AWSCURRENT")
    with pytest.raises(ClientError, match="not authorized"):
        mine.get_secret_value(**named)


def test_an_absent_object_is_forbidden_to_whoever_may_not_list(
    cloud: Emulator, stack: Stack
) -> None:
    bucket = {"Fn::GetAtt": ["Bucket", "Arn"]}
    objects = {"Fn::Sub": "${Bucket.Arn}/*"}
    read, look = allow(objects, "s3:GetObject"), allow(bucket, "s3:ListBucket")
    found = stack.put(
        {
            "Bucket": {"Type": "AWS::S3::Bucket"},
            "Reader": role("ecs-tasks.amazonaws.com", read),
            "Lister": role("ecs-tasks.amazonaws.com", read, look),
        },
        Bucket={"Ref": "Bucket"},
        Reader={"Fn::GetAtt": ["Reader", "Arn"]},
        Lister={"Fn::GetAtt": ["Lister", "Arn"]},
    )
    absent = {"Bucket": found["Bucket"], "Key": "absent"}
    for who, codes in (("Reader", {"403", "AccessDenied"}), ("Lister", {"404", "NoSuchKey"})):
        s3 = as_role(cloud, found[who], "s3")
        said = set()
        for call in (s3.head_object, s3.get_object):
            with pytest.raises(ClientError) as refused:
                call(**absent)
            said.add(refused.value.response["Error"]["Code"])
        assert said == codes


def test_a_role_publishes_to_the_topics_that_its_policy_names(
    cloud: Emulator, stack: Stack
) -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {}}
    own = role("lambda.amazonaws.com", allow({"Ref": "Mine"}, "sns:Publish"))
    found = stack.put(
        {"Mine": topic, "Other": topic, "Role": own},
        Role={"Fn::GetAtt": ["Role", "Arn"]},
        Mine={"Ref": "Mine"},
        Other={"Ref": "Other"},
    )
    sns = as_role(cloud, found["Role"], "sns")
    sns.publish(TopicArn=found["Mine"], Message="m")
    with pytest.raises(ClientError, match="not authorized"):
        sns.publish(TopicArn=found["Other"], Message="m")
