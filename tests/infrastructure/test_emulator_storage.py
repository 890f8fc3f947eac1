"""Alarms, buckets and the firewall in the emulated cloud, as AWS documents them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.emulator import Emulator
from tests.emulator.stack import Stack, StackFailed

pytest_plugins = ["tests.emulator.fixture"]

COMPARED = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1}


def alarm(slot: str) -> dict[str, Any]:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            **COMPARED,
            "Namespace": "Contract",
            "MetricName": "Memory",
            "Dimensions": [{"Name": "Slot", "Value": slot}],
            "Statistic": "Maximum",
            "Period": 60,
            "Threshold": 90,
            "TreatMissingData": "notBreaching",
        },
    }


def test_an_alarm_watches_the_metric_with_its_own_dimensions_alone(
    cloud: Emulator, stack: Stack
) -> None:
    cloudwatch = cloud.client("cloudwatch")
    found = stack.put(
        {"Blue": alarm("blue"), "Green": alarm("green")},
        Blue={"Ref": "Blue"},
        Green={"Ref": "Green"},
    )
    dimensions = [{"Name": "Slot", "Value": "green"}]
    datum = {"MetricName": "Memory", "Value": 97.0, "Dimensions": dimensions}
    cloudwatch.put_metric_data(Namespace="Contract", MetricData=[datum])
    described = cloudwatch.describe_alarms(AlarmNames=list(found.values()))["MetricAlarms"]
    states = {one["AlarmName"]: one["StateValue"] for one in described}
    assert states[found["Green"]] == "ALARM"
    assert states[found["Blue"]] != "ALARM"


def test_a_composite_alarm_follows_its_parts_and_goes_before_them(
    cloud: Emulator, stack: Stack
) -> None:
    cloudwatch = cloud.client("cloudwatch")
    rule = {"Fn::Sub": 'ALARM("${Blue}") AND NOT ALARM("${Green}")'}
    both = {
        "Type": "AWS::CloudWatch::CompositeAlarm",
        "Properties": {"AlarmRule": rule, "AlarmDescription": "first"},
    }
    parts = {"Blue": alarm("blue-part"), "Green": alarm("green-part")}
    found = stack.put({**parts, "Both": both}, Both={"Ref": "Both"}, Blue={"Ref": "Blue"})

    def described() -> dict[str, Any]:
        answer = cloudwatch.describe_alarms(
            AlarmNames=[found["Both"]], AlarmTypes=["CompositeAlarm"]
        )
        return dict(answer["CompositeAlarms"][0])

    assert described()["AlarmDescription"] == "first"
    cloudwatch.set_alarm_state(AlarmName=found["Blue"], StateValue="ALARM", StateReason="test")
    assert described()["StateValue"] == "ALARM"

    both["Properties"] = {"AlarmRule": rule, "AlarmDescription": "second"}
    after = stack.put({**parts, "Both": both}, Both={"Ref": "Both"})
    assert after["Both"] == found["Both"]
    assert (described()["AlarmDescription"], described()["StateValue"]) == ("second", "ALARM")

    stack.delete()
    left = cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm", "MetricAlarm"])
    assert found["Both"] not in {one["AlarmName"] for one in left["CompositeAlarms"]}


def test_a_metric_math_alarm_is_described_with_its_expression(
    cloud: Emulator, stack: Stack
) -> None:
    metric = {"Namespace": "Contract", "MetricName": "Errors"}
    stat = {"Metric": metric, "Period": 300, "Stat": "Sum"}
    math = {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            **COMPARED,
            "Threshold": 5,
            "Metrics": [
                {"Id": "rate", "Expression": "100 * errors / 20", "ReturnData": True},
                {"Id": "errors", "MetricStat": stat, "ReturnData": False},
            ],
        },
    }
    found = stack.put({"Rate": math}, Rate={"Ref": "Rate"})
    (described,) = cloud.client("cloudwatch").describe_alarms(AlarmNames=[found["Rate"]])[
        "MetricAlarms"
    ]
    assert described["Metrics"][0]["Expression"] == "100 * errors / 20"
    assert described["Metrics"][1]["MetricStat"]["Stat"] == "Sum"
    assert "MetricName" not in described


def test_a_bucket_keeps_its_lifecycle_encryption_and_ownership(
    cloud: Emulator, stack: Stack
) -> None:
    rules = [{"Id": "old", "Status": "Enabled", "Prefix": "r/", "ExpirationInDays": 3}]
    bucket: dict[str, Any] = {
        "Type": "AWS::S3::Bucket",
        "Properties": {
            "LifecycleConfiguration": {
                "Rules": [
                    {**rules[0], "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}
                ]
            },
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {
                        "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"},
                        "BucketKeyEnabled": True,
                    }
                ]
            },
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        },
    }
    named = {"Bucket": stack.put({"Bucket": bucket}, Bucket={"Ref": "Bucket"})["Bucket"]}
    s3 = cloud.client("s3")
    (rule,) = s3.get_bucket_lifecycle_configuration(**named)["Rules"]
    assert (rule["ID"], rule["Filter"]["Prefix"], rule["Expiration"]["Days"]) == ("old", "r/", 3)
    assert rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 1
    encryption = s3.get_bucket_encryption(**named)["ServerSideEncryptionConfiguration"]
    default = encryption["Rules"][0]["ApplyServerSideEncryptionByDefault"]
    assert default["SSEAlgorithm"] == "aws:kms"
    # Named alone, the algorithm means the account's own key.
    s3.put_object(**named, Key="r/1", Body=b"x", ServerSideEncryption="aws:kms")
    assert s3.get_object(**named, Key="r/1")["ServerSideEncryption"] == "aws:kms"
    s3.delete_object(**named, Key="r/1")
    ownership = s3.get_bucket_ownership_controls(**named)["OwnershipControls"]["Rules"]
    assert ownership == [{"ObjectOwnership": "BucketOwnerEnforced"}]

    del bucket["Properties"]["LifecycleConfiguration"]
    stack.put({"Bucket": bucket})
    try:
        left = s3.get_bucket_lifecycle_configuration(**named)["Rules"]
    except s3.exceptions.ClientError as error:
        left = error.response["Error"]["Code"]
    assert left == "NoSuchLifecycleConfiguration"


def test_a_bucket_that_holds_objects_is_not_deleted_with_its_stack(
    cloud: Emulator, stack: Stack
) -> None:
    found = stack.put({"Bucket": {"Type": "AWS::S3::Bucket"}}, Bucket={"Ref": "Bucket"})
    s3 = cloud.client("s3")
    s3.put_object(Bucket=found["Bucket"], Key="kept", Body=b"x")
    with pytest.raises(StackFailed, match="not empty"):
        stack.delete()
    assert s3.get_object(Bucket=found["Bucket"], Key="kept")["Body"].read() == b"x"

    s3.delete_object(Bucket=found["Bucket"], Key="kept")
    stack.delete()


def test_a_web_acl_guards_the_load_balancer_that_it_is_associated_with(
    cloud: Emulator, stack: Stack
) -> None:
    seen = {"CloudWatchMetricsEnabled": True, "MetricName": "g", "SampledRequestsEnabled": True}
    acl = {
        "Type": "AWS::WAFv2::WebACL",
        "Properties": {
            "Scope": "REGIONAL",
            "DefaultAction": {"Allow": {}},
            "VisibilityConfig": seen,
        },
    }
    guarded = {
        "Type": "AWS::WAFv2::WebACLAssociation",
        "Properties": {
            "ResourceArn": {"Ref": "Door"},
            "WebACLArn": {"Fn::GetAtt": ["Acl", "Arn"]},
        },
    }
    door = {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Subnets": []}}
    resources = {"Acl": acl, "Door": door}
    found = stack.put(
        {**resources, "Guarded": guarded},
        Door={"Ref": "Door"},
        Acl={"Fn::GetAtt": ["Acl", "Arn"]},
    )
    waf = cloud.client("wafv2")
    named = {"ResourceArn": found["Door"]}
    assert waf.get_web_acl_for_resource(**named)["WebACL"]["ARN"] == found["Acl"]

    stack.put(resources)
    assert waf.list_resources_for_web_acl(WebACLArn=found["Acl"])["ResourceArns"] == []
