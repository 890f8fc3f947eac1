"""What each caller of the controller says, and what is made of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from power.controller import note
from power.lifecycle import answer_deployment
from power.memory import LIVE, Notice
from power.model import StopWish, Wish
from power.ports import SleepRule
from tests.power.test_reach import server
from tests.power.world import NOW, World

MEANT = NOW - 200
AT = datetime.fromtimestamp(MEANT, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
CLOUDFORMATION = {"StackId": "stack", "RequestId": "1", "LogicalResourceId": "Rules"}


def test_the_sweep_brings_no_news() -> None:
    world = World()
    assert not note({"source": "sweep"}, world, NOW)
    assert world.memory == World().memory


@pytest.mark.parametrize(
    "event",
    [
        {"source": "front"},
        {
            "source": "aws.cloudwatch",
            "alarmArn": "arn:aws:cloudwatch:us-east-1:1:alarm:BlueTtsIdle",
        },
        {"source": "deploy"},
        {},
    ],
)
def test_whoever_else_calls_waits_for_a_look(event: dict[str, Any]) -> None:
    assert note(event, World(), NOW)


def test_the_schedule_starts_through_quiet_hours() -> None:
    world = World()
    note({"source": "schedule", "action": "start", "at": AT}, world, NOW)
    wish = world.memory.wishes[f"{LIVE}:urgent"]
    assert (wish.by, wish.at, wish.urgent) == ("schedule", MEANT, True)


def test_a_stop_that_is_delivered_late_is_as_old_as_it_was_meant() -> None:
    world = World()
    event = {"source": "schedule", "action": "stop", "at": AT, "quiet_minutes": 4}
    note(event, world, NOW)
    assert world.memory.stop_wishes[LIVE] == StopWish(
        MEANT, "schedule", MEANT + 12 * 3600, "schedule", 240
    )


@pytest.mark.parametrize("at", ["<aws.scheduler.scheduled-time>", "", None])
def test_a_time_that_nobody_wrote_is_now(at: Any) -> None:
    world = World()
    note({"source": "schedule", "action": "start", "at": at}, world, NOW)
    assert world.memory.wishes[f"{LIVE}:urgent"] == Wish(
        NOW, "schedule", "the working day begins", urgent=True
    )


def test_a_notice_names_its_instance_and_other_events_of_ec2_are_none() -> None:
    world = World()
    event = {
        "source": "aws.ec2",
        "detail-type": "EC2 Spot Instance Interruption Warning",
        "detail": {"instance-id": "i-1", "instance-action": "terminate"},
    }
    note(event, world, NOW)
    note({**event, "detail-type": "EC2 Instance State-change Notification"}, world, NOW)
    assert world.memory.notices == (Notice("i-1", NOW),)


class Deployed(World):
    """A world whose stack is made and deleted."""

    def drop_all_rules(self) -> None:
        self.rules.clear()

    def retire(self) -> None:
        self.calls.append("retire")

    def unretire(self) -> None:
        self.calls.append("unretire")


def deployment(world: Deployed, kind: str) -> dict[str, Any]:
    """What CloudFormation is answered."""
    with server(200, b"") as (url, seen):
        event = {**CLOUDFORMATION, "RequestType": kind, "ResponseURL": url}
        answer_deployment(event, lambda: (world.controller(), world, world))
    (sent,) = seen
    found: dict[str, Any] = json.loads(sent["body"])
    return found


def test_a_new_stack_has_its_rules_when_it_is_told_done() -> None:
    world = Deployed()
    assert deployment(world, "Create")["Status"] == "SUCCESS"
    assert world.rules == {SleepRule("live"), SleepRule("idle")}
    assert world.locked is None


def test_a_stack_that_goes_makes_no_more_rules_and_takes_its_own_away() -> None:
    world = Deployed()
    deployment(world, "Create")
    world.calls.clear()
    assert deployment(world, "Delete")["Status"] == "SUCCESS"
    assert world.rules == set()
    assert world.calls[0] == "retire"


def test_cloudformation_is_answered_whatever_is_wrong() -> None:
    def broken() -> Any:
        raise KeyError("POWER_TABLE")

    with server(200, b"") as (url, seen):
        event = {**CLOUDFORMATION, "RequestType": "Create", "ResponseURL": url}
        answer_deployment(event, broken)
    sent = json.loads(seen[0]["body"])
    assert sent["Status"] == "FAILED"
    assert "POWER_TABLE" in sent["Reason"]
