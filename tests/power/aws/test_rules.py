"""The controller's own listener rules, and never another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

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


def test_a_rule_that_another_invocation_drops_meanwhile_is_not_there(world: World) -> None:
    own = ListenerRules(world.settings)
    own.put(LIVE)
    own.put(IDLE)
    with before_tags_are_read(lambda: own.drop(LIVE)):
        assert own.standing() == {IDLE}


def test_rules_that_never_rest_are_said_to_be_out_of_reach(world: World) -> None:
    own = ListenerRules(world.settings)
    own.put(LIVE)

    def change() -> None:
        own.drop(LIVE)
        own.put(LIVE)

    with (
        before_tags_are_read(change, times=100),
        pytest.raises(Unreachable, match="change while they are read"),
    ):
        own.standing()


@contextmanager
def before_tags_are_read(change: Callable[[], None], times: int = 1) -> Iterator[None]:
    """Another invocation makes this change between the list of rules and the question for their
    tags. AWS refuses the question then; moto would answer it."""
    events = client("elbv2").meta.events
    event = "before-call.elastic-load-balancing-v2.DescribeTags"
    left = [None] * times

    def refuse(**_: object) -> tuple[SimpleNamespace, dict[str, Any]] | None:
        if not left:
            return None
        left.pop()
        events.unregister(event, refuse)  # the change reads tags itself
        change()
        events.register(event, refuse)
        return SimpleNamespace(status_code=400), {"Error": {"Code": "RuleNotFound", "Message": ""}}

    events.register(event, refuse)
    yield
    events.unregister(event, refuse)
