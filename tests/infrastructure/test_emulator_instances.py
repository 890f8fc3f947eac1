"""The instances of a group in the emulated cloud, as AWS documents them."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.emulator import Emulator
from tests.emulator.pieces import LAUNCH, group
from tests.emulator.stack import Stack
from tests.emulator.voice_service import AGENT, launch, on_spot

pytest_plugins = ["tests.emulator.fixture"]


class Group:
    """A group of 0 to 1, as boto3 sees it."""

    def __init__(self, cloud: Emulator, name: str) -> None:
        self.api, self.ec2 = cloud.client("autoscaling"), cloud.client("ec2")
        self.named = {"AutoScalingGroupName": name}

    def want(self, count: int) -> None:
        self.api.set_desired_capacity(**self.named, DesiredCapacity=count)

    def described(self) -> Any:
        names = [self.named["AutoScalingGroupName"]]
        return self.api.describe_auto_scaling_groups(AutoScalingGroupNames=names)[
            "AutoScalingGroups"
        ][0]

    def members(self) -> list[str]:
        return [one["InstanceId"] for one in self.described()["Instances"]]

    def instance(self, identity: str) -> Any:
        found = self.ec2.describe_instances(InstanceIds=[identity])["Reservations"]
        return found[0]["Instances"][0]

    def activities(self) -> list[Any]:
        return list(self.api.describe_scaling_activities(**self.named)["Activities"])


@pytest.fixture
def one(cloud: Emulator, stack: Stack) -> Group:
    """With one instance."""
    made = stack.put({"Launch": LAUNCH, "Group": group()}, Group={"Ref": "Group"})
    found = Group(cloud, made["Group"])
    found.want(1)
    return found


def test_an_instance_of_a_group_is_one_of_ec2_and_ends_with_the_groups_wish(one: Group) -> None:
    (identity,) = one.members()
    instance = one.instance(identity)
    assert (instance["State"]["Name"], instance["InstanceType"]) == ("running", "g4dn.xlarge")
    assert instance["PrivateIpAddress"] == "127.0.0.1"
    assert "InstanceLifecycle" not in instance
    (member,) = one.described()["Instances"]
    assert (member["LifecycleState"], member["InstanceType"]) == ("InService", "g4dn.xlarge")
    one.want(0)
    assert one.members() == []
    assert one.instance(identity)["State"]["Name"] == "terminated"
    started, ended = reversed(one.activities())
    assert f"Launching a new EC2 instance: {identity}" == started["Description"]
    assert f"Terminating EC2 instance: {identity}" == ended["Description"]


def test_instances_are_found_by_a_filter_on_their_id(one: Group) -> None:
    (identity,) = one.members()
    other = one.ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)["Instances"][0]
    named = [{"Name": "instance-id", "Values": [identity, "i-00000000000000000"]}]
    found = one.ec2.describe_instances(Filters=named)["Reservations"]
    assert [each["Instances"][0]["InstanceId"] for each in found] == [identity]
    one.ec2.terminate_instances(InstanceIds=[other["InstanceId"]])


def test_a_terminated_instance_is_replaced(one: Group) -> None:
    (first,) = one.members()
    one.ec2.terminate_instances(InstanceIds=[first])
    (second,) = one.members()
    assert second != first


@pytest.mark.parametrize(("decrement", "left"), [(True, 0), (False, 1)])
def test_a_detached_instance_runs_on_and_its_place_is_filled_or_given_up(
    one: Group, decrement: bool, left: int
) -> None:
    (first,) = one.members()
    one.api.detach_instances(
        **one.named, InstanceIds=[first], ShouldDecrementDesiredCapacity=decrement
    )
    assert one.described()["DesiredCapacity"] == left
    assert len(one.members()) == left
    assert first not in one.members()
    left_alone = one.instance(first)
    assert left_alone["State"]["Name"] == "running"
    assert "aws:autoscaling:groupName" not in [tag["Key"] for tag in left_alone.get("Tags", [])]
    with pytest.raises(ClientError, match="not part of Auto Scaling group"):
        one.api.detach_instances(
            **one.named, InstanceIds=[first], ShouldDecrementDesiredCapacity=True
        )


def test_a_size_beyond_the_bounds_is_refused(one: Group) -> None:
    with pytest.raises(ClientError, match="above max value 1"):
        one.want(2)
    assert one.described()["DesiredCapacity"] == 1


def test_a_group_with_instances_is_not_deleted(one: Group) -> None:
    with pytest.raises(ClientError) as refused:
        one.api.delete_auto_scaling_group(**one.named)
    assert refused.value.response["Error"]["Code"] == "ResourceInUse"


def test_the_instances_of_a_group_end_with_its_stack(one: Group, stack: Stack) -> None:
    (identity,) = one.members()
    stack.delete()
    assert one.instance(identity)["State"]["Name"] == "terminated"


def test_a_policy_buys_spot_until_it_is_changed(cloud: Emulator, stack: Stack) -> None:
    template = {"Launch": launch(), "Group": on_spot()}
    found = Group(cloud, stack.put(template, Group={"Ref": "Group"})["Group"])
    found.want(1)
    (spot,) = found.members()
    assert found.instance(spot)["InstanceLifecycle"] == "spot"
    data = found.ec2.describe_instance_attribute(InstanceId=spot, Attribute="userData")
    assert base64.b64decode(data["UserData"]["Value"]).decode() == AGENT

    policy = found.described()["MixedInstancesPolicy"]
    distribution = {**policy["InstancesDistribution"], "OnDemandPercentageAboveBaseCapacity": 100}
    found.api.update_auto_scaling_group(
        **found.named, MixedInstancesPolicy={**policy, "InstancesDistribution": distribution}
    )
    # What runs, runs on.
    assert found.members() == [spot]
    found.want(0)
    found.want(1)
    (owned,) = found.members()
    assert "InstanceLifecycle" not in found.instance(owned)
    assert found.described()["MixedInstancesPolicy"]["InstancesDistribution"] == distribution

    template["Group"]["Properties"]["HealthCheckGracePeriod"] = 600
    stack.put(template)
    again = found.described()["MixedInstancesPolicy"]["InstancesDistribution"]
    assert again["OnDemandPercentageAboveBaseCapacity"] == 0


def test_a_market_that_is_sold_out_is_told_by_an_activity_and_tried_again(
    cloud: Emulator, stack: Stack
) -> None:
    template = {"Launch": launch(), "Group": on_spot()}
    found = Group(cloud, stack.put(template, Group={"Ref": "Group"})["Group"])
    tag = {
        "ResourceId": found.named["AutoScalingGroupName"],
        "ResourceType": "auto-scaling-group",
        "Key": "emulated:sold-out",
        "Value": "spot",
        "PropagateAtLaunch": False,
    }
    found.api.create_or_update_tags(Tags=[tag])
    found.want(1)
    assert (found.described()["DesiredCapacity"], found.members()) == (1, [])
    (failed,) = found.activities()
    assert failed["StatusCode"] == "Failed"
    assert "InsufficientInstanceCapacity" in failed["StatusMessage"]

    found.api.delete_tags(Tags=[tag])
    assert len(found.members()) == 1
    assert found.activities()[0]["StatusCode"] == "Successful"
