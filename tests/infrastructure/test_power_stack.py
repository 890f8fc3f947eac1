"""The power stack beside the others: its rule, its place in the network, its order, its changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from power.aws import rules
from stacks import guard, names
from tests.infrastructure.stacks_under_test import Stacks, stacks
from tests.infrastructure.test_network import EXISTING

RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
# What would make a rule, or call the controller, while the stack is deleted.
CALLERS = ("AWS::Events::Rule", "AWS::CloudWatch::Alarm", "AWS::Scheduler::Schedule")
BUSY = {
    "capacity": {"purchase": "spot"},
    "power": {"schedule": {"start": ["MON-FRI 08:00"], "stop": ["MON-FRI 19:00"]}},
}


@pytest.fixture(scope="module")
def busy() -> Stacks:
    """With everything that calls the controller."""
    return stacks(BUSY)


def named(value: Any) -> Iterator[str]:
    """Logical ids that a resource refers to or depends on."""
    if isinstance(value, dict):
        for key, inside in value.items():
            if key == "Ref":
                yield inside
            elif key == "Fn::GetAtt":
                yield inside[0]
            elif key == "DependsOn":
                yield from [inside] if isinstance(inside, str) else inside
            else:
                yield from named(inside)
    elif isinstance(value, list):
        for each in value:
            yield from named(each)


def before(template: dict[str, Any], logical_id: str) -> set[str]:
    """Everything that is made before a resource, and deleted after it."""
    resources, found, left = template["Resources"], set[str](), [logical_id]
    while left:
        for name in named(resources[left.pop()]):
            if name in resources and name not in found:
                found.add(name)
                left.append(name)
    return found


def test_power_is_reached_before_everything_else_and_by_any_header(dev: Stacks) -> None:
    rule = dev.one(RULE, stack="power")
    (condition,) = rule["Conditions"]
    assert condition["PathPatternConfig"]["Values"] == ["/power", "/power/*"]
    others = [each["Properties"]["Priority"] for each in dev.of(RULE).values()]
    assert rule["Priority"] == names.POWER_PRIORITY < min(others)


def test_the_controllers_own_rules_stand_where_the_template_has_none(dev: Stacks) -> None:
    ours = {int(priority): audience for priority, (audience, _) in rules.OURS.items()}
    template = [
        each["Properties"]["Priority"]
        for stack in ("service", "power")
        for each in dev.of(RULE, stack=stack).values()
    ]
    assert not set(ours) & set(template)
    for priority, audience in ours.items():
        assert priority > names.POWER_PRIORITY
        assert priority < {"idle": names.STAGING_PRIORITY, "live": names.LIVE_PRIORITY}[audience]
        # A caller with the header must not be taken by a rule for those without.
        if audience == "live":
            assert priority > names.STAGING_PRIORITY + len(names.SERVERS) - 1
    assert int(rules.LIVE_PRIORITY) == names.LIVE_PRIORITY
    assert (rules.OWNER_TAG, rules.SLOT_HEADER) == (names.OWNER_TAG, names.SLOT_HEADER)


def test_the_front_is_a_target_without_health_checks(dev: Stacks) -> None:
    (group,) = dev.of("AWS::ElasticLoadBalancingV2::TargetGroup", stack="power").values()
    given = group["Properties"]
    assert (given["TargetType"], given["HealthCheckEnabled"]) == ("lambda", False)
    assert "Front" in given["Targets"][0]["Id"]["Fn::GetAtt"][0]
    (allowed,) = [
        name
        for name, each in dev.of("AWS::Lambda::Permission", stack="power").items()
        if each["Properties"]["Principal"] == "elasticloadbalancing.amazonaws.com"
    ]
    assert allowed in group["DependsOn"]


def test_a_deletion_silences_the_callers_then_takes_the_rules_then_what_they_need(
    busy: Stacks,
) -> None:
    (rules_made,) = busy.of("Custom::SleepRules", stack="power")
    callers = [name for kind in CALLERS for name in busy.of(kind, stack="power")]
    assert len(callers) == 2 + 4 + 2
    for caller in callers:
        assert rules_made in before(busy.power, caller)
    kinds = {busy.power["Resources"][name]["Type"] for name in before(busy.power, rules_made)}
    assert kinds >= {
        "AWS::Lambda::Function", "AWS::IAM::Policy", "AWS::DynamoDB::Table",
        "AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::Lambda::Permission",
        "AWS::EC2::SecurityGroupIngress",
    }  # fmt: skip
    policies = busy.of("AWS::IAM::Policy", stack="power", path="/Controller/")
    functions = busy.of("AWS::Lambda::Function", stack="power")
    assert {*policies, *functions} <= before(busy.power, rules_made)


def test_the_first_look_is_made_once_and_by_no_later_deploy(dev: Stacks, busy: Stacks) -> None:
    found = [made.one("Custom::SleepRules", stack="power") for made in (dev, busy)]
    assert found[0] == found[1]
    assert found[0]["Version"] == "1"


@pytest.mark.parametrize("released", [{"active": "green"}, {"trial_percent": 10}])
def test_a_swap_and_a_trial_change_nothing_here(dev: Stacks, released: dict[str, Any]) -> None:
    assert stacks(released=released).power == dev.power


def test_a_release_changes_nothing_here(dev: Stacks) -> None:
    assert stacks(released={"slots": {"green": {"tag": "v2"}}}).power == dev.power


def test_power_settings_touch_no_slot(dev: Stacks) -> None:
    changed = {"power": {"idle_minutes": 5, "schedule": {"quiet": ["MON-SUN 22:00-06:00"]}}}
    made = stacks(changed)
    assert guard.render(made.service) == guard.render(dev.service)
    assert made.service == dev.service


def test_reach_goes_out_to_the_servers_and_nowhere_else(dev: Stacks) -> None:
    outward = dev.of("AWS::EC2::SecurityGroupEgress", stack="power").values()
    inward = dev.of("AWS::EC2::SecurityGroupIngress", stack="power").values()
    group = dev.one("AWS::EC2::SecurityGroup", stack="power")
    assert "SecurityGroupIngress" not in group
    for rule in (*outward, *inward):
        given = rule["Properties"]
        assert (given["IpProtocol"], given["FromPort"], given["ToPort"]) == ("tcp", 5000, 5001)
    for rules_found, key in ((outward, "DestinationSecurityGroupId"), (inward, "GroupId")):
        slots = [json.dumps(rule["Properties"][key]) for rule in rules_found]
        assert sorted("Blue" in slot for slot in slots) == [False, True]


@pytest.mark.parametrize(
    ("network", "subnets"),
    [
        ({"egress": "nat"}, "PrivateSubnet"),
        ({"egress": "endpoints"}, "PrivateSubnet"),
        ({"existing": EXISTING}, EXISTING["public_subnet_ids"][0]),
    ],
)
def test_reach_is_where_the_instances_are(network: dict[str, Any], subnets: str) -> None:
    function = stacks({"network": network}).one(
        "AWS::Lambda::Function", stack="power", path="/Reach/"
    )
    assert subnets in json.dumps(function["VpcConfig"]["SubnetIds"])


def test_what_is_learned_goes_with_the_stack(dev: Stacks) -> None:
    for made in (dev, stacks({"retain_data": True})):
        (table,) = made.of("AWS::DynamoDB::Table", stack="power").values()
        assert table["DeletionPolicy"] == "Delete"
        assert table["Properties"]["BillingMode"] == "PAY_PER_REQUEST"
        assert table["Properties"]["TimeToLiveSpecification"]["AttributeName"] == "expires"
        keys = [each["AttributeName"] for each in table["Properties"]["KeySchema"]]
        assert keys == ["kind", "id"]
