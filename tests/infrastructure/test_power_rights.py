"""What the power functions may do: every action by name, every resource as narrow as it goes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.infrastructure.stacks_under_test import ROOT, Stacks, stacks

# AWS offers nothing narrower for these.
ANY_RESOURCE = {
    "autoscaling:DescribeAutoScalingGroups", "cloudwatch:GetMetricData", "ec2:DescribeInstances",
    "elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTags",
    "elasticloadbalancing:DescribeTargetHealth", "ecs:ListTasks",
}  # fmt: skip
TABLE = {"dynamodb:Scan", "dynamodb:PutItem", "dynamodb:DeleteItem"}
SECRET = {"secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"}
# Calls in the functions' code: of a client, of the table, by pages.
CALLED = (
    re.compile(r"(?:client|quick)\(\"(\w+)\"\)\.(\w+)\("),
    re.compile(r"\b(ecs|table)\.(\w+)\("),
    re.compile(r"(ecs|elbv2)\"?\)?\.get_paginator\(\"(\w+)\"\)"),
)
PREFIXES = {"elbv2": "elasticloadbalancing", "table": "dynamodb"}
# AWS's names for the right to do it, where they are not the call's.
RIGHTS = {"lambda:Invoke": "lambda:InvokeFunction", "s3:HeadObject": "s3:GetObject"}
# What goes with a call: tags of a new rule, the queue of failures, a signature, telling gone from
# forbidden, another way of buying; and what reading a secret is granted with.
BESIDE = {
    "elasticloadbalancing:AddTags", "sqs:SendMessage", "s3:GetObject", "s3:ListBucket",
    "secretsmanager:DescribeSecret", "ec2:RunInstances", "iam:PassRole",
}  # fmt: skip
SPOT = {
    "autoscaling:DetachInstances", "autoscaling:UpdateAutoScalingGroup", "ec2:TerminateInstances",
    "ec2:RunInstances", "iam:PassRole",
}  # fmt: skip
OWN = {"aws:ResourceTag/gpu-voice:owner": "power-dev"}


@pytest.fixture(scope="module")
def spot() -> Stacks:
    return stacks({"capacity": {"purchase": "spot"}})


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(made: Stacks, function: str) -> list[dict[str, Any]]:
    """Of the role of a function, without AWS's managed policies."""
    roles = made.of("AWS::IAM::Role", stack="power", path=f"/{function}/")
    return [
        statement
        for policy in made.of("AWS::IAM::Policy", stack="power").values()
        if any(each["Ref"] in roles for each in policy["Properties"]["Roles"])
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


def allowed(made: Stacks, function: str) -> set[str]:
    return {action for each in statements(made, function) for action in listed(each["Action"])}


def of(made: Stacks, action: str) -> dict[str, Any]:
    (found,) = [s for s in statements(made, "Controller") if action in listed(s["Action"])]
    return found


def test_no_action_is_a_pattern(dev: Stacks) -> None:
    for policy in dev.of("AWS::IAM::Policy", stack="power").values():
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            assert not [each for each in listed(statement["Action"]) if "*" in each]


def test_reach_may_do_nothing_at_all(dev: Stacks) -> None:
    assert statements(dev, "Reach") == []
    role = dev.one("AWS::IAM::Role", stack="power", path="/Reach/")
    managed = json.dumps(role["ManagedPolicyArns"])
    assert managed.count("iam::aws:policy/service-role/") == 2
    assert "AWSLambdaBasicExecutionRole" in managed
    assert "AWSLambdaVPCAccessExecutionRole" in managed


def test_the_front_can_change_no_count_and_no_rule(dev: Stacks) -> None:
    reads = {"s3:GetObject", "s3:ListBucket", "lambda:InvokeFunction"}
    assert allowed(dev, "Front") == TABLE | SECRET | reads
    assert all(each["Resource"] != "*" for each in statements(dev, "Front"))
    (invoke,) = [s for s in statements(dev, "Front") if s["Action"] == "lambda:InvokeFunction"]
    assert json.dumps(invoke["Resource"]).count(":function:gpu-voice-dev-power") == 1


def test_the_front_signs_results_alone(dev: Stacks) -> None:
    (read,) = [s for s in statements(dev, "Front") if s["Action"] == "s3:GetObject"]
    assert read["Resource"]["Fn::Join"][1][1] == "/results/*"


def test_the_controller_may_do_what_it_needs_and_no_more(dev: Stacks) -> None:
    assert allowed(dev, "Controller") == ANY_RESOURCE | TABLE | SECRET | {
        "lambda:InvokeFunction", "sqs:SendMessage",
        "ecs:DescribeServices", "ecs:UpdateService", "ecs:ListContainerInstances",
        "ecs:DescribeContainerInstances", "ecs:UpdateContainerInstancesState", "ecs:DescribeTasks",
        "autoscaling:SetDesiredCapacity",
        "elasticloadbalancing:CreateRule", "elasticloadbalancing:AddTags",
        "elasticloadbalancing:ModifyRule", "elasticloadbalancing:DeleteRule",
    }  # fmt: skip
    wide = {
        action
        for statement in statements(dev, "Controller")
        if "*" in listed(statement["Resource"])
        for action in listed(statement["Action"])
    }
    assert wide == ANY_RESOURCE


def test_what_spot_needs_is_allowed_where_it_is_bought(dev: Stacks, spot: Stacks) -> None:
    assert allowed(spot, "Controller") - allowed(dev, "Controller") == SPOT
    templates = of(spot, "ec2:RunInstances")["Condition"]["ArnEquals"]["ec2:LaunchTemplate"]
    assert len(templates) == 2
    assert all("Template" in json.dumps(each) for each in templates)
    roles = of(spot, "iam:PassRole")
    assert all("CapacityRole" in json.dumps(each) for each in listed(roles["Resource"]))
    assert roles["Condition"] == {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    for action in ("autoscaling:DetachInstances", "autoscaling:UpdateAutoScalingGroup"):
        assert len(listed(of(spot, action)["Resource"])) == 2


def called() -> set[str]:
    """Actions that the code of the functions asks for."""
    found = set()
    for file in (ROOT / "lambdas/power").rglob("*.py"):
        text = re.sub(r"self\._table", "table", file.read_text(encoding="utf-8"))
        for service, call in (pair for pattern in CALLED for pair in pattern.findall(text)):
            name = "".join(part.capitalize() for part in call.split("_"))
            found.add(f"{PREFIXES.get(service, service)}:{name}")
    return {RIGHTS.get(each, each) for each in found if not each.endswith(":GetPaginator")}


def test_each_call_in_the_code_is_allowed_and_each_right_is_called(spot: Stacks) -> None:
    rights = allowed(spot, "Controller") | allowed(spot, "Front")
    assert called() - rights == set()
    assert rights - called() - BESIDE == set()


def test_counts_are_those_of_the_two_slots(dev: Stacks) -> None:
    for action in ("ecs:UpdateService", "autoscaling:SetDesiredCapacity"):
        resources = listed(of(dev, action)["Resource"])
        assert sorted("Blue" in json.dumps(each) for each in resources) == [False, True]


@pytest.mark.parametrize(
    "action",
    [
        "ecs:ListTasks", "ecs:DescribeTasks", "ecs:DescribeContainerInstances",
        "ecs:UpdateContainerInstancesState",
    ],
)  # fmt: skip
def test_what_runs_is_looked_at_in_our_cluster_alone(dev: Stacks, action: str) -> None:
    cluster = of(dev, action)["Condition"]["ArnEquals"]["ecs:cluster"]
    assert "Cluster" in json.dumps(cluster)


def test_only_instances_of_this_environment_can_be_ended(dev: Stacks, spot: Stacks) -> None:
    assert of(spot, "ec2:TerminateInstances")["Condition"] == {
        "StringEquals": {
            "aws:ResourceTag/project": "gpu-voice", "aws:ResourceTag/environment": "dev",
        }
    }  # fmt: skip
    for group in dev.of("AWS::AutoScaling::AutoScalingGroup").values():
        tags = {each["Key"]: each for each in group["Properties"]["Tags"]}
        for key, value in (("project", "gpu-voice"), ("environment", "dev")):
            assert (tags[key]["Value"], tags[key]["PropagateAtLaunch"]) == (value, True)


def test_no_rule_of_the_template_can_be_touched(dev: Stacks) -> None:
    for action in ("elasticloadbalancing:DeleteRule", "elasticloadbalancing:ModifyRule"):
        assert of(dev, action)["Condition"] == {"StringEquals": OWN}
    asked = {"aws:RequestTag/gpu-voice:owner": "power-dev"}
    assert of(dev, "elasticloadbalancing:CreateRule")["Condition"] == {"StringEquals": asked}
    # Tags are given at the making of a rule only: no other rule can be made ours.
    assert of(dev, "elasticloadbalancing:AddTags")["Condition"] == {
        "StringEquals": {**asked, "elasticloadbalancing:CreateAction": "CreateRule"}
    }
    for stack in ("service", "power"):
        rules = dev.of("AWS::ElasticLoadBalancingV2::ListenerRule", stack=stack)
        assert "gpu-voice:owner" not in json.dumps(rules)


def test_the_controller_reads_the_service_key_and_no_other(dev: Stacks) -> None:
    secret = json.dumps(of(dev, "secretsmanager:GetSecretValue")["Resource"])
    assert "KeysService" in secret
    assert "KeysNamed" not in json.dumps(statements(dev, "Controller"))
