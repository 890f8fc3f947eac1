"""On what ECS, EC2 and Auto Scaling authorise a call in the emulated cloud, as AWS documents it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.emulator import Emulator
from tests.emulator.pieces import allow, group, role
from tests.emulator.stack import Stack
from tests.emulator.voice_service import OUTPUTS, servers
from tests.infrastructure.test_emulator_agents import Agent
from tests.infrastructure.test_emulator_permissions import as_role

pytest_plugins = ["tests.emulator.fixture"]

GROUP = {
    "Fn::Sub": "arn:aws:autoscaling:*:${AWS::AccountId}:autoScalingGroup:*:"
    "autoScalingGroupName/${Group}"
}
MACHINES = {
    "Fn::Sub": "arn:aws:ecs:${AWS::Region}:${AWS::AccountId}:container-instance/${Cluster}/*"
}
TASKS = {"Fn::Sub": "arn:aws:ecs:${AWS::Region}:${AWS::AccountId}:task/${Cluster}/*"}
INSTANCES = {"Fn::Sub": "arn:aws:ec2:${AWS::Region}:${AWS::AccountId}:instance/*"}
OWNED = {"Key": "gpu-voice", "Value": "emulated", "PropagateAtLaunch": True}
OF_GROUP = {"StringEquals": {"aws:ResourceTag/gpu-voice": "emulated"}}
IN_CLUSTER = {"ArnEquals": {"ecs:cluster": {"Fn::GetAtt": ["Cluster", "Arn"]}}}


class Power:
    """A role with what controls one group and one cluster, and clients that have it."""

    def __init__(self, cloud: Emulator, found: dict[str, str]) -> None:
        self.found, self.named = found, {"cluster": found["Cluster"]}
        self.ecs, self.ec2, self.autoscaling = (
            as_role(cloud, found["Power"], service) for service in ("ecs", "ec2", "autoscaling")
        )
        self.agent = Agent(cloud, found)


@pytest.fixture
def power(cloud: Emulator, stack: Stack) -> Power:
    own = role(
        "lambda.amazonaws.com",
        allow(GROUP, "autoscaling:SetDesiredCapacity", "autoscaling:DetachInstances"),
        allow("*", "autoscaling:DescribeAutoScalingGroups", "ec2:DescribeInstances"),
        allow({"Fn::GetAtt": ["Cluster", "Arn"]}, "ecs:ListContainerInstances"),
        allow(
            MACHINES,
            "ecs:DescribeContainerInstances",
            "ecs:UpdateContainerInstancesState",
            "ecs:ListTasks",
            Condition=IN_CLUSTER,
        ),
        allow(TASKS, "ecs:DescribeTasks"),
        allow(INSTANCES, "ec2:TerminateInstances", Condition=OF_GROUP),
    )
    power = {"Power": {"Fn::GetAtt": ["Power", "Arn"]}}
    template = {**servers(group(Tags=[OWNED])), "Power": own}
    return Power(cloud, stack.put(template, **OUTPUTS, **power))


def test_a_role_for_one_cluster_and_group_can_do_all_of_it(power: Power) -> None:
    named = {"AutoScalingGroupName": power.found["Group"]}
    power.autoscaling.set_desired_capacity(**named, DesiredCapacity=1)
    names = [power.found["Group"]]
    found = power.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=names)
    (instance,) = (one["InstanceId"] for one in found["AutoScalingGroups"][0]["Instances"])
    power.ec2.describe_instances(InstanceIds=[instance])
    arn = power.agent.join(instance)
    assert power.ecs.list_container_instances(**power.named)["containerInstanceArns"] == [arn]
    for name in (arn, arn.rpartition("/")[2]):
        power.ecs.describe_container_instances(**power.named, containerInstances=[name])
    (task,) = power.ecs.list_tasks(**power.named, containerInstance=arn)["taskArns"]
    assert power.ecs.list_tasks(**power.named, serviceName=power.found["Service"])["taskArns"]
    power.ecs.describe_tasks(**power.named, tasks=[task])
    power.ecs.update_container_instances_state(
        **power.named, containerInstances=[arn], status="DRAINING"
    )
    power.autoscaling.detach_instances(
        **named, InstanceIds=[instance], ShouldDecrementDesiredCapacity=True
    )
    power.ec2.terminate_instances(InstanceIds=[instance])


def test_it_can_do_nothing_to_another_group_cluster_or_machine(
    cloud: Emulator, power: Power
) -> None:
    stranger = {"cluster": "another"}
    absent = "arn:aws:ecs:us-east-1:000000000000:container-instance/another/0"
    machine = cloud.client("ec2").run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)
    refused: tuple[tuple[Any, dict[str, Any]], ...] = (
        (
            power.autoscaling.set_desired_capacity,
            {"AutoScalingGroupName": "another", "DesiredCapacity": 0},
        ),
        (power.ecs.list_container_instances, stranger),
        (power.ecs.list_tasks, stranger),
        (power.ecs.describe_tasks, {**stranger, "tasks": ["0"]}),
        (power.ecs.describe_container_instances, {**stranger, "containerInstances": ["0"]}),
        (
            power.ecs.update_container_instances_state,
            {**stranger, "containerInstances": [absent], "status": "DRAINING"},
        ),
        (
            power.ec2.terminate_instances,
            {"InstanceIds": [machine["Instances"][0]["InstanceId"]]},
        ),
    )
    for call, given in refused:
        with pytest.raises(ClientError, match=r"not authorized|UnauthorizedOperation"):
            call(**given)


def test_a_description_is_allowed_for_all_resources_or_none(cloud: Emulator, stack: Stack) -> None:
    narrow = role("lambda.amazonaws.com", allow(GROUP, "autoscaling:Describe*"))
    template = {**servers(), "Narrow": narrow}
    found = stack.put(template, **OUTPUTS, Narrow={"Fn::GetAtt": ["Narrow", "Arn"]})
    names = [found["Group"]]
    with pytest.raises(ClientError, match="not authorized"):
        as_role(cloud, found["Narrow"], "autoscaling").describe_auto_scaling_groups(
            AutoScalingGroupNames=names
        )
