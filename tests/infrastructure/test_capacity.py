"""The GPU instances: one group a slot, 0 or 1, and nothing that scales by itself."""

from __future__ import annotations

import json

import pytest

from tests.infrastructure.stacks_under_test import Stacks, stacks

SLOTS = ("Blue", "Green")
GROUP, TEMPLATE = "AWS::AutoScaling::AutoScalingGroup", "AWS::EC2::LaunchTemplate"


@pytest.mark.parametrize("slot", SLOTS)
def test_each_slot_has_a_group_template_and_provider_of_its_own(dev: Stacks, slot: str) -> None:
    other = SLOTS[1 - SLOTS.index(slot)]
    group = dev.one(GROUP, path=f"/{slot}/")
    assert (group["MinSize"], group["MaxSize"]) == ("0", "1")
    assert "DesiredCapacity" not in group
    provider = dev.one("AWS::ECS::CapacityProvider", path=f"/{slot}/")["AutoScalingGroupProvider"]
    assert provider["ManagedScaling"]["Status"] == "DISABLED"
    assert provider["ManagedDraining"] == "DISABLED"
    assert provider["ManagedTerminationProtection"] == "DISABLED"
    service = dev.one("AWS::ECS::Service", path=f"/{slot}/")
    for part in (group, provider, service["CapacityProviderStrategy"]):
        assert slot in json.dumps(part)
        assert f"{other}Capacity" not in json.dumps(part)


def test_a_deploy_never_replaces_instances(dev: Stacks) -> None:
    for group in dev.of(GROUP).values():
        assert set(group.get("UpdatePolicy", {})) <= {"AutoScalingScheduledAction"}


def test_an_instance_is_encrypted_and_keeps_containers_from_its_role(dev: Stacks) -> None:
    for template in dev.of(TEMPLATE).values():
        data = template["Properties"]["LaunchTemplateData"]
        disk = data["BlockDeviceMappings"][0]["Ebs"]
        assert (disk["Encrypted"], disk["VolumeType"], disk["VolumeSize"]) == (True, "gp3", 80)
        options = data["MetadataOptions"]
        assert (options["HttpTokens"], options["HttpPutResponseHopLimit"]) == ("required", 1)


def test_the_machine_image_is_awss_newest_or_the_one_that_is_named(dev: Stacks) -> None:
    parameters = [p["Default"] for p in dev.service["Parameters"].values() if "Default" in p]
    newest = "/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id"
    assert newest in parameters
    named = stacks({"capacity": {"ami_id": "ami-0123456789abcdef0"}})
    for template in named.of(TEMPLATE).values():
        assert template["Properties"]["LaunchTemplateData"]["ImageId"] == "ami-0123456789abcdef0"


def test_spot_takes_any_of_the_types_and_drains_when_it_is_taken_away() -> None:
    made = stacks(
        {"capacity": {"purchase": "spot", "instance_types": ["g4dn.xlarge", "g6.xlarge"]}}
    )
    policy = made.one(GROUP, path="/Blue/")["MixedInstancesPolicy"]
    shares = policy["InstancesDistribution"]
    assert shares["OnDemandPercentageAboveBaseCapacity"] == 0
    assert shares["SpotAllocationStrategy"] == "price-capacity-optimized"
    kinds = [each["InstanceType"] for each in policy["LaunchTemplate"]["Overrides"]]
    assert kinds == ["g4dn.xlarge", "g6.xlarge"]
    assert "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true" in json.dumps(made.of(TEMPLATE))


def test_several_types_on_demand_are_tried_in_their_order() -> None:
    made = stacks({"capacity": {"instance_types": ["g6.xlarge", "g4dn.xlarge"]}})
    shares = made.one(GROUP, path="/Blue/")["MixedInstancesPolicy"]["InstancesDistribution"]
    assert shares["OnDemandPercentageAboveBaseCapacity"] == 100
    assert shares["OnDemandAllocationStrategy"] == "prioritized"


def test_the_warm_pool_is_the_active_slots_and_moves_without_touching_a_template() -> None:
    warm = {"capacity": {"warm_pool": True}}
    before, after = stacks(warm), stacks(warm, {"active": "green"})
    for made, slot in ((before, "Blue"), (after, "Green")):
        pool = made.one("AWS::AutoScaling::WarmPool")
        assert f"{slot}Capacity" in json.dumps(pool)
        assert (pool["PoolState"], pool["MinSize"], pool["MaxGroupPreparedCapacity"]) == (
            "Stopped", 0, 1,
        )  # fmt: skip
        hook = made.one("AWS::AutoScaling::LifecycleHook")
        assert hook["DefaultResult"] == "ABANDON"
        tags = {tag["Key"]: tag for tag in made.one(GROUP, path=f"/{slot}/")["Tags"]}
        assert tags["gpu-voice:image"]["PropagateAtLaunch"] is True
        assert ":v1" in json.dumps(tags["gpu-voice:image"]["Value"])
    assert before.of(TEMPLATE) == after.of(TEMPLATE)
    assert "park-with-image" not in json.dumps(stacks().of(TEMPLATE))


def test_an_instance_of_the_warm_pool_may_pull_and_does_so_at_every_boot() -> None:
    made = stacks({"capacity": {"warm_pool": True}})
    parts = made.one(TEMPLATE, path="/Blue/")["LaunchTemplateData"]["UserData"]["Fn::Base64"]
    commands = "".join(p if isinstance(p, str) else "NAME" for p in parts["Fn::Join"][1])
    enabled = commands.index("systemctl enable --now park-with-image.service")
    # The agent starts after it, and must know its cluster by then.
    assert commands.index("ECS_CLUSTER=NAME") < commands.index("Before=ecs.service") < enabled
    policies = json.dumps(made.of("AWS::IAM::Policy", path="/Blue/Capacity"))
    for action in ("ecr:BatchGetImage", "autoscaling:CompleteLifecycleAction"):
        assert action in policies
