"""Forwarding by weight in the emulated cloud, as AWS documents it."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

from tests.emulator.balanced import OUTPUTS, Stand, resources
from tests.emulator.door import Door
from tests.emulator.emulator import Emulator
from tests.patience import until

pytest_plugins = ["tests.emulator.fixture"]


def names(door: Door, requests_sent: int) -> Counter[str]:
    return Counter(door.get("/tts/health").json()["name"] for _ in range(requests_sent))


def test_requests_are_divided_by_weight_and_a_weight_of_zero_gets_none(
    stand: Stand,
) -> None:
    stack, door, found = stand.stack, stand.door, stand.found
    assert set(names(door, 20)) == {"Blue"}

    assert stack.put(resources(Blue=50, Green=50), **OUTPUTS) == found
    assert set(names(door, 60)) == {"Blue", "Green"}

    stack.put(resources(Blue=0, Green=100))
    assert set(names(door, 20)) == {"Green"}


def test_a_rule_reads_back_with_its_weights(cloud: Emulator, stand: Stand) -> None:
    stack, found = stand.stack, stand.found
    elb = cloud.client("elbv2")

    def action() -> dict[str, Any]:
        (rule,) = elb.describe_rules(RuleArns=[found["Rule"]])["Rules"]
        return dict(rule["Actions"][0])

    def weights() -> dict[str, int]:
        groups = action()["ForwardConfig"]["TargetGroups"]
        return {one["TargetGroupArn"]: one["Weight"] for one in groups}

    assert weights() == {found["Blue"]: 100, found["Green"]: 0}
    assert "TargetGroupArn" not in action()

    both = [
        {"TargetGroupArn": found["Blue"], "Weight": 10},
        {"TargetGroupArn": found["Green"], "Weight": 90},
    ]
    change = {"Type": "forward", "ForwardConfig": {"TargetGroups": both}}
    elb.modify_rule(RuleArn=found["Rule"], Actions=[change])
    assert weights() == {found["Blue"]: 10, found["Green"]: 90}

    stack.put(resources(Green=1))
    assert action()["TargetGroupArn"] == found["Green"]
    assert weights() == {found["Green"]: 1}
    (blue,) = elb.describe_target_groups(TargetGroupArns=[found["Blue"]])["TargetGroups"]
    assert blue["LoadBalancerArns"] == [found["Door"]]


def test_a_change_set_says_that_weights_replace_nothing_and_another_listener_does(
    stand: Stand,
) -> None:
    stack = stand.stack
    assert stack.replacements(resources(Blue=0, Green=100)) == {"Rule": "False"}
    moved = resources(Blue=100, Green=0)
    moved["Rule"]["Properties"]["ListenerArn"] = {"Ref": "Plain"}
    assert stack.replacements(moved) == {"Rule": "True"}


def test_no_request_is_lost_while_a_rule_changes(
    stand: Stand,
) -> None:
    stack, door = stand.stack, stand.door
    stop, answers = threading.Event(), Counter[tuple[int, str]]()

    def send() -> None:
        while not stop.is_set():
            answer = door.get("/tts/health")
            name = answer.json()["name"] if answer.status_code == 200 else ""
            answers[(answer.status_code, name)] += 1

    senders = [threading.Thread(target=send) for _ in range(8)]
    for sender in senders:
        sender.start()
    try:
        until(lambda: answers[(200, "Blue")] > 50)
        for weights in ({"Blue": 0, "Green": 100}, {"Blue": 100, "Green": 0}) * 3:
            stack.put(resources(**weights))
        until(lambda: answers[(200, "Green")] > 0)
    finally:
        stop.set()
        for sender in senders:
            sender.join()
    assert {status for status, _ in answers} == {200}
