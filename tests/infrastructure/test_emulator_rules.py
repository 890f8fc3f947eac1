"""What the load balancer's API refuses in the emulated cloud, as AWS documents it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.balanced import Stand, forward, group, resources
from tests.emulator.emulator import Emulator
from tests.emulator.pieces import allow, role
from tests.emulator.stack import Stack, StackFailed
from tests.infrastructure.test_emulator_permissions import as_role

pytest_plugins = ["tests.emulator.fixture"]

EVERYTHING = [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/whisperx/*"]}}]
OWN = [{"Key": "gpu-voice", "Value": "asleep"}]
ABSENT = "arn:aws:elasticloadbalancing:us-east-1:000000000000:listener-rule/app/a/1/2/3"


def code(refused: Any) -> str:
    return str(refused.value.response["Error"]["Code"])


def make(elb: Any, stand: Stand, priority: int, **more: Any) -> str:
    """A rule on the listener of the stand, as a function makes one."""
    (rule,) = elb.create_rule(
        ListenerArn=stand.stack.resource("Tls"),
        Priority=priority,
        Conditions=EVERYTHING,
        Actions=[{"Type": "forward", "TargetGroupArn": stand.found["Green"]}],
        **more,
    )["Rules"]
    return str(rule["RuleArn"])


def test_a_rule_of_a_function_serves_is_found_by_its_tags_and_goes(
    cloud: Emulator, stand: Stand
) -> None:
    elb = cloud.client("elbv2")
    arn = make(elb, stand, 5, Tags=OWN)
    assert stand.door.get("/whisperx/health").json()["name"] == "Green"
    (described,) = elb.describe_tags(ResourceArns=[arn])["TagDescriptions"]
    assert described["Tags"] == OWN
    listed = elb.describe_rules(ListenerArn=stand.stack.resource("Tls"))["Rules"]
    assert {"5", "20", "default"} == {rule["Priority"] for rule in listed}

    # A deploy that changes the template's rules leaves this one.
    stand.stack.put(resources(Blue=0, Green=100))
    assert stand.door.get("/whisperx/health").json()["name"] == "Green"
    elb.delete_rule(RuleArn=arn)
    assert stand.door.get("/whisperx/health").status_code == 404
    with pytest.raises(ClientError) as refused:
        elb.delete_rule(RuleArn=arn)
    assert code(refused) == "RuleNotFound"


def test_a_priority_belongs_to_one_rule(cloud: Emulator, stand: Stand) -> None:
    elb = cloud.client("elbv2")
    make(elb, stand, 5)
    for priority in (5, 20):
        with pytest.raises(ClientError) as refused:
            make(elb, stand, priority)
        assert code(refused) == "PriorityInUse"
    taken = resources(Blue=100)
    taken["Rule"]["Properties"]["Priority"] = 5
    with pytest.raises(StackFailed, match="currently in use"):
        stand.stack.put(taken)


def test_what_does_not_exist_is_said_not_to(cloud: Emulator) -> None:
    elb = cloud.client("elbv2")
    action = {"Type": "forward", "TargetGroupArn": ABSENT}
    calls: tuple[tuple[Any, dict[str, Any]], ...] = (
        (elb.describe_rules, {"RuleArns": [ABSENT]}),
        (elb.modify_rule, {"RuleArn": ABSENT, "Actions": [action]}),
        (elb.delete_rule, {"RuleArn": ABSENT}),
    )
    for call, given in calls:
        with pytest.raises(ClientError) as refused:
            call(**given)
        assert code(refused) == "RuleNotFound"
    with pytest.raises(ClientError) as refused:
        elb.describe_rules(ListenerArn=ABSENT)
    assert code(refused) == "ListenerNotFound"


def test_a_target_group_in_use_stays_until_the_last_rule_is_gone(
    cloud: Emulator, stand: Stand
) -> None:
    elb = cloud.client("elbv2")
    arn = make(elb, stand, 5)
    stand.stack.put(resources(Blue=100))
    with pytest.raises(ClientError) as refused:
        elb.delete_target_group(TargetGroupArn=stand.found["Green"])
    assert code(refused) == "ResourceInUse"
    elb.delete_rule(RuleArn=arn)
    elb.delete_target_group(TargetGroupArn=stand.found["Green"])


def test_a_stack_whose_target_group_a_rule_uses_cannot_go(cloud: Emulator, stand: Stand) -> None:
    elb = cloud.client("elbv2")
    other = Stack(cloud, f"{stand.stack.name}-other")
    front = other.put({"Front": group()}, Front={"Ref": "Front"})["Front"]
    (rule,) = elb.create_rule(
        ListenerArn=stand.stack.resource("Tls"),
        Priority=7,
        Conditions=EVERYTHING,
        Actions=[{"Type": "forward", "TargetGroupArn": front}],
    )["Rules"]
    with pytest.raises(StackFailed, match="in use"):
        other.delete()
    elb.delete_rule(RuleArn=rule["RuleArn"])
    other.delete()


def test_the_rules_of_a_listener_go_with_it(cloud: Emulator, stand: Stand) -> None:
    elb = cloud.client("elbv2")
    arn = make(elb, stand, 5)
    without = resources(Blue=100)
    for name in ("Tls", "Rule"):
        del without[name]
    stand.stack.put(without)
    with pytest.raises(ClientError) as refused:
        elb.describe_rules(RuleArns=[arn])
    assert code(refused) == "RuleNotFound"


def test_a_stack_with_a_strangers_rule_on_its_listener_goes_whole(
    cloud: Emulator, stand: Stand
) -> None:
    elb = cloud.client("elbv2")
    make(elb, stand, 5)
    stand.stack.delete()
    groups = [one["TargetGroupArn"] for one in elb.describe_target_groups()["TargetGroups"]]
    assert stand.found["Green"] not in groups


def test_rules_are_authorised_one_by_one_and_their_tags_apart(
    cloud: Emulator, stand: Stand
) -> None:
    listener = stand.stack.resource("Tls")
    rules = listener.replace(":listener/", ":listener-rule/") + "/*"
    own = {"StringEquals": {"aws:ResourceTag/gpu-voice": "asleep"}}
    statements = (
        allow(
            listener,
            "elasticloadbalancing:CreateRule",
            Condition={"StringEquals": {"aws:RequestTag/gpu-voice": "asleep"}},
        ),
        allow("*", "elasticloadbalancing:DescribeRules"),
        allow(rules, "elasticloadbalancing:DeleteRule", Condition=own),
    )
    stacks = Stack(cloud, f"{stand.stack.name}-roles")
    asked = {
        "aws:RequestTag/gpu-voice": "asleep",
        "elasticloadbalancing:CreateAction": "CreateRule",
    }
    tagging = allow(rules, "elasticloadbalancing:AddTags", Condition={"StringEquals": asked})
    found = stacks.put(
        {
            "Plain": role("lambda.amazonaws.com", *statements),
            "Tagging": role("lambda.amazonaws.com", *statements, tagging),
        },
        Plain={"Fn::GetAtt": ["Plain", "Arn"]},
        Tagging={"Fn::GetAtt": ["Tagging", "Arn"]},
    )
    plain, tagging_too = (as_role(cloud, found[name], "elbv2") for name in ("Plain", "Tagging"))
    with pytest.raises(ClientError, match="AddTags"):
        make(plain, stand, 5, Tags=OWN)
    with pytest.raises(ClientError, match="CreateRule"):
        make(tagging_too, stand, 5, Tags=[{"Key": "gpu-voice", "Value": "live"}])
    arn = make(tagging_too, stand, 5, Tags=OWN)
    assert arn in [one["RuleArn"] for one in plain.describe_rules(ListenerArn=listener)["Rules"]]
    with pytest.raises(ClientError, match="not authorized"):
        plain.delete_rule(RuleArn=stand.found["Rule"])
    plain.delete_rule(RuleArn=arn)
    stacks.delete()


def test_a_forward_to_a_group_that_is_not_there_is_refused(stand: Stand) -> None:
    rule = resources(Blue=100)
    rule["Rule"]["Properties"]["Actions"] = [forward()]
    gone = {"TargetGroupArn": f"{stand.found['Blue']}x", "Weight": 1}
    rule["Rule"]["Properties"]["Actions"][0]["ForwardConfig"]["TargetGroups"] = [gone]
    with pytest.raises(StackFailed, match="not found"):
        stand.stack.put(rule)
