"""What a power function finds in its environment once the stacks are deployed."""

from __future__ import annotations

from typing import Any

from tests.infrastructure.stacks_under_test import Stacks

# As long as AWS makes them for an environment of a long name.
LONGEST = {
    "AWS::ElasticLoadBalancingV2::TargetGroup": "arn:aws:elasticloadbalancing:ap-southeast-1:"
    "123456789012:targetgroup/GpuVoi-Green-ABCDEFGHIJKLM/0123456789abcdef",
    "AWS::ElasticLoadBalancingV2::Listener": "arn:aws:elasticloadbalancing:ap-southeast-1:"
    "123456789012:listener/app/GpuVoi-Front-ABCDEFGHIJKLM/0123456789abcdef/0123456789abcdef",
    "AWS::ECS::Service": f"GpuVoice-{'n' * 20}-Service-GreenSlotServiceD18C7CEE-ABCDEFGHIJKL",
    "AWS::ECS::Cluster": f"GpuVoice-{'n' * 20}-Service-ClusterEB0386A7-ABCDEFGHIJKL",
    "AWS::AutoScaling::AutoScalingGroup": f"GpuVoice-{'n' * 20}-Service-"
    "GreenCapacityGroupASGD782E49B-ABCDEFGHIJKL",
    "AWS::SecretsManager::Secret": "arn:aws:secretsmanager:ap-southeast-1:123456789012:secret:"
    f"gpu-voice-{'n' * 20}/service-key-ABCDEF",
    "AWS::S3::Bucket": "b" * 63,
    "AWS::DynamoDB::Table": f"GpuVoice-{'n' * 20}-Power-Memory22710B9E-ABCDEFGHIJKL",
    "AWS::Lambda::Function": "f" * 64,
}


def variables(made: Stacks, function: str) -> dict[str, str]:
    """Of `Controller` or `Front`, each reference as long as AWS would resolve it, beginning with
    the logical id that it leads to."""
    found = made.one("AWS::Lambda::Function", stack="power", path=f"/{function}/")
    given = found["Environment"]["Variables"]
    return {name: _filled(made, value) for name, value in given.items()}


def _filled(made: Stacks, value: Any) -> str:
    if isinstance(value, str):
        return value
    (name, inside), *_ = value.items()
    if name == "Fn::Join":
        return str(inside[0]).join(_filled(made, part) for part in inside[1])
    if name == "Fn::GetStackOutput":
        stack = made.service if "Service" in inside["StackName"] else made.network
        (name, inside), *_ = stack["Outputs"][inside["OutputName"]]["Value"].items()
        return _named(stack, name, inside)
    return _named(made.power, name, inside)


def _named(stack: dict[str, Any], kind: str, inside: Any) -> str:
    logical_id = str(inside if kind == "Ref" else inside[0])
    resource = stack["Resources"][logical_id]["Type"]
    return f"{logical_id} {LONGEST[resource]}"[: len(LONGEST[resource])]
