"""A slot's counts, instances and start chain in ECS, Auto Scaling and the load balancer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from power.aws.clients import asked, client
from power.model import SlotRecord
from power.ports import SlotState, Unreachable
from power.settings import PowerSettings, SlotNames

GONE = ("shutting-down", "terminated")


@dataclass(frozen=True, slots=True)
class Group:
    """`members` are the ids of instances that the group counts."""

    desired: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Machine:
    """An instance: seconds since 1970 of its launch, and its address inside the VPC."""

    launched_at: float
    address: str


class Slots:
    def __init__(self, settings: PowerSettings) -> None:
        self._cluster, self._slots = settings.cluster, settings.slots

    def state(self, slot: str, record: SlotRecord) -> SlotState:
        names = self._slots[slot]
        with asked(f"asking for {slot}'s counts"):
            service = client("ecs").describe_services(
                cluster=self._cluster, services=[names.service]
            )["services"]
        if not service:
            raise Unreachable(f"{slot}'s service does not exist")
        group = self.group(slot)
        machines = self.machines(group.members)
        agents = self._agents(group.members) if group.members else {}
        return SlotState(
            service_count=int(service[0]["desiredCount"]),
            group_count=group.desired,
            instances={one: machine.launched_at for one, machine in machines.items()},
            ready=self._ready(names, group) if group.desired and machines else False,
            stages=self._stages(names, record, machines, agents),
            draining=all(agent["status"] != "ACTIVE" for agent in agents.values()),
        )

    def group(self, slot: str) -> Group:
        with asked(f"asking for {slot}'s group"):
            found = client("autoscaling").describe_auto_scaling_groups(
                AutoScalingGroupNames=[self._slots[slot].group]
            )["AutoScalingGroups"]
        if not found:
            raise Unreachable(f"{slot}'s group does not exist")
        members = tuple(one["InstanceId"] for one in found[0]["Instances"])
        return Group(int(found[0]["DesiredCapacity"]), members)

    def machines(self, instances: tuple[str, ...]) -> dict[str, Machine]:
        """Those of the instances that still cost money."""
        if not instances:
            return {}
        with asked("asking for instances"):
            try:
                found = client("ec2").describe_instances(InstanceIds=list(instances))
            except ClientError as error:
                if error.response["Error"]["Code"] != "InvalidInstanceID.NotFound":
                    raise
                return {}
        return {
            one["InstanceId"]: Machine(
                one["LaunchTime"].timestamp(), str(one.get("PrivateIpAddress", ""))
            )
            for reservation in found["Reservations"]
            for one in reservation["Instances"]
            if one["State"]["Name"] not in GONE
        }

    def targets(self, group_arn: str) -> list[Any]:
        with asked("asking for targets"):
            found = client("elbv2").describe_target_health(TargetGroupArn=group_arn)
        return list(found["TargetHealthDescriptions"])

    def turn_on(self, slot: str) -> None:
        self._count(slot, 1)

    def turn_off(self, slot: str) -> None:
        members = self.group(slot).members
        active = [
            agent["containerInstanceArn"]
            for agent in (self._agents(members) if members else {}).values()
            if agent["status"] == "ACTIVE"
        ]
        if active:
            with asked(f"draining {slot}'s instance"):
                client("ecs").update_container_instances_state(
                    cluster=self._cluster, containerInstances=active, status="DRAINING"
                )
        self._count(slot, 0)

    def replace(self, slot: str, instance: str) -> None:
        with asked(f"replacing an instance of {slot}"):
            try:
                client("autoscaling").detach_instances(
                    InstanceIds=[instance],
                    AutoScalingGroupName=self._slots[slot].group,
                    ShouldDecrementDesiredCapacity=False,
                )
            except ClientError as error:
                # It left the group by itself.
                if error.response["Error"]["Code"] != "ValidationError":
                    raise

    def terminate(self, instance: str) -> None:
        """Nothing for one that has ended: AWS would refuse, its tags are gone with it."""
        if not self.machines((instance,)):
            return
        with asked("ending a reclaimed instance"):
            try:
                client("ec2").terminate_instances(InstanceIds=[instance])
            except ClientError as error:
                if error.response["Error"]["Code"] != "InvalidInstanceID.NotFound":
                    raise

    def buy(self, slot: str, *, on_demand: bool) -> None:
        with asked(f"choosing how {slot}'s instances are bought"):
            client("autoscaling").update_auto_scaling_group(
                AutoScalingGroupName=self._slots[slot].group,
                MixedInstancesPolicy={
                    "InstancesDistribution": {
                        "OnDemandAllocationStrategy": "prioritized",
                        "OnDemandBaseCapacity": 0,
                        "OnDemandPercentageAboveBaseCapacity": 100 if on_demand else 0,
                        "SpotAllocationStrategy": "price-capacity-optimized",
                    }
                },
            )

    def _count(self, slot: str, count: int) -> None:
        names = self._slots[slot]
        with asked(f"setting {slot}'s counts to {count}"):
            client("autoscaling").set_desired_capacity(
                AutoScalingGroupName=names.group, DesiredCapacity=count, HonorCooldown=False
            )
            client("ecs").update_service(
                cluster=self._cluster, service=names.service, desiredCount=count
            )

    def _ready(self, names: SlotNames, group: Group) -> bool | None:
        """Whether each server is healthy on an instance of the group."""
        try:
            return all(
                any(
                    target["Target"]["Id"] in group.members
                    and target["TargetHealth"]["State"] == "healthy"
                    for target in self.targets(arn)
                )
                for arn in names.groups.values()
            )
        except Unreachable:
            return None

    def _agents(self, members: tuple[str, ...]) -> dict[str, Any]:
        """The container instance of each member that has joined the cluster."""
        ecs = client("ecs")
        with asked("asking for container instances"):
            arns = [
                arn
                for page in ecs.get_paginator("list_container_instances").paginate(
                    cluster=self._cluster
                )
                for arn in page["containerInstanceArns"]
            ]
            if not arns:
                return {}
            found = ecs.describe_container_instances(
                cluster=self._cluster, containerInstances=arns
            )["containerInstances"]
        return {one["ec2InstanceId"]: one for one in found if one["ec2InstanceId"] in members}

    def _stages(
        self,
        names: SlotNames,
        record: SlotRecord,
        machines: dict[str, Machine],
        agents: dict[str, Any],
    ) -> dict[str, float]:
        """What the start under way has reached, by AWS's own times."""
        if record.phase != "starting" or not machines:
            return {}
        launched = max(machine.launched_at for machine in machines.values())
        reached = {"instance running": launched}
        if agents:
            joined = max(agent["registeredAt"].timestamp() for agent in agents.values())
            reached["agent joined"] = joined
            reached |= self._task_stages(names, since=launched)
        asked_at = record.asked_at or 0.0
        return {stage: max(at, asked_at) for stage, at in reached.items()}

    def _task_stages(self, names: SlotNames, since: float) -> dict[str, float]:
        ecs = client("ecs")
        with asked("asking for tasks"):
            arns = ecs.list_tasks(cluster=self._cluster, serviceName=names.service)["taskArns"]
            if not arns:
                return {}
            tasks = ecs.describe_tasks(cluster=self._cluster, tasks=arns)["tasks"]
        reached: dict[str, float] = {}
        for task in tasks:
            if task["createdAt"].timestamp() < since - 3600 or task.get("stoppingAt"):
                continue
            for stage, field in (("image pulled", "pullStoppedAt"), ("container up", "startedAt")):
                if field in task:
                    reached[stage] = task[field].timestamp()
        return reached
