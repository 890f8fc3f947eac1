"""What a release, a swap and a first deploy change in the templates, and what they do not."""

from __future__ import annotations

import json
from typing import Any

from tests.infrastructure.stacks_under_test import Stacks, stacks

RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"


def changed(before: Stacks, after: Stacks) -> dict[str, list[str]]:
    """Types and ids of the resources that differ, over all stacks."""
    found: dict[str, list[str]] = {}
    for part in ("network", "service", "power", "operations"):
        old, new = getattr(before, part)["Resources"], getattr(after, part)["Resources"]
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                found.setdefault((new.get(name) or old[name])["Type"], []).append(name)
    return found


def weights(rule: dict[str, Any]) -> dict[str, int]:
    groups = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
    return {
        "Blue" if "Blue" in json.dumps(group["TargetGroupArn"]) else "Green": group["Weight"]
        for group in groups
    }


def test_an_upgrade_of_the_idle_slot_is_one_task_definition(dev: Stacks) -> None:
    found = changed(dev, stacks(released={"slots": {"green": {"tag": "v2"}}}))
    assert list(found) == ["AWS::ECS::TaskDefinition"]
    (name,) = found["AWS::ECS::TaskDefinition"]
    assert name.startswith("Green")


def test_a_swap_is_the_weights_of_four_rules(dev: Stacks) -> None:
    after = stacks(released={"active": "green"})
    assert {kind: len(names) for kind, names in changed(dev, after).items()} == {RULE: 4}
    for old, new in zip(dev.of(RULE).values(), after.of(RULE).values(), strict=True):
        one, two = old["Properties"], new["Properties"]
        assert one["Conditions"] == two["Conditions"]
        assert one["Priority"] == two["Priority"]
        assert weights(one) == {"Blue": weights(two)["Green"], "Green": weights(two)["Blue"]}


def test_callers_reach_the_active_slot_and_the_header_the_idle_one(dev: Stacks) -> None:
    live = list(dev.of(RULE, path="Routes/Live").values())
    staging = list(dev.of(RULE, path="Routes/Staging").values())
    assert [weights(rule["Properties"]) for rule in live] == [{"Blue": 100, "Green": 0}] * 2
    assert [weights(rule["Properties"]) for rule in staging] == [{"Blue": 0, "Green": 100}] * 2
    for rule in staging:
        (header,) = [c for c in rule["Properties"]["Conditions"] if c["Field"] == "http-header"]
        assert header["HttpHeaderConfig"] == {
            "HttpHeaderName": "X-Voice-Slot", "Values": ["idle"],
        }  # fmt: skip


def test_a_call_finds_its_way_by_path_whatever_its_method_and_body(dev: Stacks) -> None:
    """So jobs can be deleted and recordings sent as forms, asleep or awake."""
    for rule in dev.of(RULE).values():
        conditions = {each["Field"]: each for each in rule["Properties"]["Conditions"]}
        assert set(conditions) <= {"path-pattern", "http-header"}
        server, below = conditions["path-pattern"]["PathPatternConfig"]["Values"]
        assert server in ("/tts", "/whisperx")
        assert below == f"{server}/*"


def test_rules_have_priorities_of_their_own_and_leave_the_first_fifty_free(dev: Stacks) -> None:
    priorities = [rule["Properties"]["Priority"] for rule in dev.of(RULE).values()]
    assert len(set(priorities)) == len(priorities) == 4
    assert min(priorities) >= 50
    staging = [r["Properties"]["Priority"] for r in dev.of(RULE, path="Staging").values()]
    live = [r["Properties"]["Priority"] for r in dev.of(RULE, path="Live").values()]
    assert max(staging) < min(live)


def test_a_trial_sends_a_share_to_the_idle_slot() -> None:
    made = stacks(released={"trial_percent": 10})
    for rule in made.of(RULE, path="Routes/Live").values():
        assert weights(rule["Properties"]) == {"Blue": 90, "Green": 10}


def test_the_first_deploy_starts_nothing_and_later_ones_leave_counts_alone(dev: Stacks) -> None:
    first = stacks(first_deploy=True)
    counts = [each["Properties"]["DesiredCount"] for each in first.of("AWS::ECS::Service").values()]
    assert counts == [0, 0]
    for service in dev.of("AWS::ECS::Service").values():
        assert "DesiredCount" not in service["Properties"]


def test_a_service_goes_before_its_capacity_provider_does(dev: Stacks) -> None:
    (association,) = dev.of("AWS::ECS::ClusterCapacityProviderAssociations")
    for service in dev.of("AWS::ECS::Service").values():
        assert association in service["DependsOn"]


def test_a_setting_of_one_slot_changes_that_slot_alone(dev: Stacks) -> None:
    own = {"slots": {"green": {"settings": {"servers": {"memory_mib": 15000}}}}}
    found = changed(dev, stacks(released=own))
    assert [name[:5] for names in found.values() for name in names] == ["Green"]


def test_each_target_group_is_in_a_rule_and_in_its_service(dev: Stacks) -> None:
    groups = set(dev.of("AWS::ElasticLoadBalancingV2::TargetGroup"))
    rules, services = json.dumps(dev.of(RULE)), json.dumps(dev.of("AWS::ECS::Service"))
    assert all(f'"{group}"' in rules and f'"{group}"' in services for group in groups)
