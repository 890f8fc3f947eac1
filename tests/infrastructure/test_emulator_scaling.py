"""Auto Scaling in the emulated cloud, as AWS documents it."""

from __future__ import annotations

from typing import Any

from tests.emulator.emulator import Emulator
from tests.emulator.pieces import LAUNCH, group
from tests.emulator.stack import Stack

pytest_plugins = ["tests.emulator.fixture"]


def test_a_group_keeps_its_live_size_when_the_template_says_nothing(
    cloud: Emulator, stack: Stack
) -> None:
    autoscaling = cloud.client("autoscaling")
    found = stack.put({"Launch": LAUNCH, "Group": group()}, Group={"Ref": "Group"})
    name = found["Group"]
    autoscaling.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=1)

    def live() -> dict[str, Any]:
        answer = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])
        return dict(answer["AutoScalingGroups"][0])

    stack.put({"Launch": LAUNCH, "Group": group(HealthCheckGracePeriod=600)})
    assert (live()["DesiredCapacity"], live()["HealthCheckGracePeriod"]) == (1, 600)
    assert len(live()["Instances"]) == 1

    stack.put({"Launch": LAUNCH, "Group": group(MaxSize="0")})
    assert live()["DesiredCapacity"] == 0
    assert live()["Instances"] == []


def test_a_warm_pool_is_described_and_goes_when_it_is_taken_out(
    cloud: Emulator, stack: Stack
) -> None:
    pool = {
        "Type": "AWS::AutoScaling::WarmPool",
        "Properties": {
            "AutoScalingGroupName": {"Ref": "Group"},
            "MinSize": 1,
            "MaxGroupPreparedCapacity": 1,
            "PoolState": "Stopped",
        },
    }
    resources = {"Launch": LAUNCH, "Group": group()}
    found = stack.put({**resources, "Pool": pool}, Group={"Ref": "Group"})
    autoscaling = cloud.client("autoscaling")
    named = {"AutoScalingGroupName": found["Group"]}
    described = autoscaling.describe_warm_pool(**named)["WarmPoolConfiguration"]
    assert (described["MinSize"], described["PoolState"]) == (1, "Stopped")
    assert described["InstanceReusePolicy"]["ReuseOnScaleIn"] is False

    stack.put(resources)
    assert "WarmPoolConfiguration" not in autoscaling.describe_warm_pool(**named)


def test_a_template_finds_the_newest_machine_image_with_gpu_support(
    cloud: Emulator, stack: Stack
) -> None:
    name = "/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id"
    found = cloud.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    image = {"ImageId": "{{resolve:ssm:" + name + "}}"}
    launch = {"Type": LAUNCH["Type"], "Properties": {"LaunchTemplateData": image}}
    made = stack.put({"Launch": launch}, Launch={"Ref": "Launch"})["Launch"]
    (version,) = cloud.client("ec2").describe_launch_template_versions(LaunchTemplateId=made)[
        "LaunchTemplateVersions"
    ]
    assert version["LaunchTemplateData"]["ImageId"] == found
    assert found.startswith("ami-")
