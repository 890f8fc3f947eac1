"""Pieces of templates that several contract tests put into their stacks."""

from __future__ import annotations

from typing import Any

LAUNCH = {
    "Type": "AWS::EC2::LaunchTemplate",
    "Properties": {"LaunchTemplateData": {"ImageId": "ami-1", "InstanceType": "g4dn.xlarge"}},
}


def group(**properties: Any) -> dict[str, Any]:
    version = {"Fn::GetAtt": ["Launch", "LatestVersionNumber"]}
    return {
        "Type": "AWS::AutoScaling::AutoScalingGroup",
        "Properties": {
            "LaunchTemplate": {"LaunchTemplateId": {"Ref": "Launch"}, "Version": version},
            "MinSize": "0",
            "MaxSize": "1",
            **properties,
        },
    }


def role(service: str, *statements: dict[str, Any]) -> dict[str, Any]:
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": [{"PolicyName": "own", "PolicyDocument": document}],
        },
    }


def allow(resource: Any, *actions: str, **condition: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **condition}
