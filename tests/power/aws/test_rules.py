"""The controller's own listener rules, and never another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from power.aws.clients import client
from power.aws.rules import OWNER_TAG, ListenerRules
from power.ports import SleepRule, Unreachable
from tests.power.aws.world import World

LIVE, IDLE = SleepRule("live"), SleepRule("idle")
BYPASS = SleepRule("live", "tts", to="blue")


def rules(world: World) -> dict[str, Any]:
    found = boto3.client("elbv2").describe_rules(ListenerArn=world.listener)["Rules"]
    return {rule["Priority"]: rule for rule in found}


def test_weights_are_read_from_the_rule_that_callers_meet(world: World) -> None:
    assert ListenerRules(world.settings).weights() == {"blue": 100, "green": 0}


def test_without_the_template_s_rule_nothing_is_known(world: World) -> None:
    for arn in world.template_rules:
        boto3.client("elbv2").delete_rule(RuleArn=arn)
    with pytest.raises(Unreachable):
        ListenerRules(world.settings).weights()


def test_a_rule_stands_between_the_template_s_rules(world: World) -> None:
    own = ListenerRules(world.settings)
    for rule in (LIVE, IDLE, BYPASS):
        own.put(rule)
    found = rules(world)
    assert own.standing() == {LIVE, IDLE, BYPASS}
    assert set(found) == {"90", "100", "101", "150", "151", "200", "201", "default"}
    group = world.settings.sleep_group
    assert found["150"]["Actions"][0]["TargetGroupArn"] == group
    values = [c["PathPatternConfig"]["Values"] for c in found["150"]["Conditions"]]
    assert values == [["/tts", "/tts/*", "/whisperx", "/whisperx/*"]]
    header = [c["HttpHeaderConfig"] for c in found["90"]["Conditions"] if "HttpHeaderConfig" in c]
    assert header == [{"HttpHeaderName": "X-Voice-Slot", "Values": ["idle"]}]
    assert (
        found["151"]["Actions"][0]["TargetGroupArn"] == world.settings.slots["blue"].groups["tts"]
    )


def test_a_rule_is_tagged_so_that_permission_can_be_bound_to_it(world: World) -> None:
    ListenerRules(world.settings).put(LIVE)
    tags = boto3.client("elbv2").describe_tags(ResourceArns=[rules(world)["150"]["RuleArn"]])
    assert tags["TagDescriptions"][0]["Tags"] == [{"Key": OWNER_TAG, "Value": "power-test"}]


def test_making_a_rule_twice_makes_one(world: World) -> None:
    own = ListenerRules(world.settings)
    own.put(LIVE)
    own.put(LIVE)
    assert own.standing() == {LIVE}


def test_a_rule_of_ours_that_leads_elsewhere_is_put_right(world: World) -> None:
    own = ListenerRules(world.settings)
    own.put(LIVE)
    other = world.settings.slots["green"].groups["tts"]
    boto3.client("elbv2").modify_rule(
        RuleArn=rules(world)["150"]["RuleArn"],
        Actions=[{"Type": "forward", "TargetGroupArn": other}],
    )
    assert own.standing() == {SleepRule("live", to="green")}
    own.put(LIVE)
    assert own.standing() == {LIVE}


def test_a_rule_without_our_tag_is_neither_seen_nor_touched(world: World) -> None:
    stranger = boto3.client("elbv2").create_rule(
        ListenerArn=world.listener,
        Priority=150,
        Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/x"]}}],
        Actions=[{"Type": "forward", "TargetGroupArn": world.settings.sleep_group}],
    )["Rules"][0]["RuleArn"]
    own = ListenerRules(world.settings)
    assert own.standing() == set()
    with pytest.raises(Unreachable):
        own.put(LIVE)
    own.drop(LIVE)
    own.drop_all()
    assert rules(world)["150"]["RuleArn"] == stranger


def test_dropping_leaves_the_template_alone(world: World) -> None:
    own = ListenerRules(world.settings)
    for rule in (LIVE, IDLE):
        own.put(rule)
    own.drop(LIVE)
    own.drop(LIVE)
    assert own.standing() == {IDLE}
    own.drop_all()
    assert set(rules(world)) == {"100", "101", "200", "201", "default"}


@pytest.mark.parametrize(("dropped", "left"), [(LIVE, IDLE), (IDLE, LIVE)])
def test_a_rule_that_another_invocation_drops_meanwhile_is_not_there(
    world: World, dropped: SleepRule, left: SleepRule
) -> None:
    own = ListenerRules(world.settings)
    own.put(LIVE)
    own.put(IDLE)
    with once_rules_are_listed(world, lambda: own.drop(dropped)):
        assert own.standing() == {left}


@contextmanager
def once_rules_are_listed(world: World, change: Callable[[], None]) -> Iterator[None]:
    """Another invocation makes this change between the list of rules and the first question for
    their tags. AWS refuses the question for a rule that is gone; moto answers it."""
    elb, waiting = client("elbv2"), [change]

    def changed(params: dict[str, Any], **_: object) -> tuple[AWSResponse, dict[str, Any]] | None:
        while waiting:
            waiting.pop()()
        standing = {rule["RuleArn"] for rule in rules(world).values()}
        if params["body"]["ResourceArns.member.1"] in standing:
            return None
        refusal = {"Error": {"Code": "RuleNotFound", "Message": "One or more rules not found"}}
        return AWSResponse(params["url"], 400, {}, None), refusal

    event = "before-call.elastic-load-balancing-v2.DescribeTags"
    elb.meta.events.register(event, changed)
    try:
        yield
    finally:
        elb.meta.events.unregister(event, changed)
