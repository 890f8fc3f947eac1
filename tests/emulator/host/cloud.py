"""What a container instance asks of the cloud and tells it, as its agent does."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.emulator.emulator import Emulator
from tests.emulator.environment import REGION
from tests.emulator.host.task import Target

DRAINS = "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true"


@dataclass(frozen=True, slots=True)
class Found:
    """An instance of a group and the cluster that its agent joins."""

    identity: str
    cluster: str
    spot: bool


class Cloud:
    """Calls as the account's root: what an instance's own role may do is not tested here."""

    def __init__(self, emulator: Emulator) -> None:
        self._ecs = emulator.client("ecs")
        self._autoscaling = emulator.client("autoscaling")
        self._elb = emulator.client("elbv2")
        self._ec2 = emulator.client("ec2")
        self._events = emulator.client("events")
        self.metrics = emulator.client("cloudwatch")

    def instances(self) -> list[Found]:
        """Those that run in a group of which some cluster takes capacity."""
        clusters = self._clusters_by_group()
        groups = self._autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]
        cluster_of = {
            one["InstanceId"]: clusters[group["AutoScalingGroupName"]]
            for group in groups
            if group["AutoScalingGroupName"] in clusters
            for one in group["Instances"]
        }
        return [
            Found(identity, cluster_of[identity], instance.get("InstanceLifecycle") == "spot")
            for identity, instance in self.running(cluster_of).items()
        ]

    def running(self, identities: Iterable[str]) -> dict[str, Mapping[str, Any]]:
        """What EC2 says of each of these that has not ended."""
        named = [{"Name": "instance-id", "Values": list(identities)}]
        if not named[0]["Values"]:
            return {}
        found = self._ec2.describe_instances(Filters=named)["Reservations"]
        return {
            instance["InstanceId"]: instance
            for one in found
            for instance in one["Instances"]
            if instance["State"]["Name"] == "running"
        }

    def drains_on_notice(self, identity: str) -> bool:
        """Whether the agent's settings, written at boot, say so."""
        attribute = self._ec2.describe_instance_attribute(InstanceId=identity, Attribute="userData")
        text = attribute.get("UserData", {}).get("Value", "")
        return DRAINS in base64.b64decode(text).decode()

    def join(self, found: Found) -> str:
        """Register; gives the ARN of the container instance."""
        document = json.dumps({"instanceId": found.identity, "region": REGION})
        answer = self._ecs.register_container_instance(
            cluster=found.cluster, instanceIdentityDocument=document
        )
        return str(answer["containerInstance"]["containerInstanceArn"])

    def drain(self, found: Found, arn: str) -> None:
        self._ecs.update_container_instances_state(
            cluster=found.cluster, containerInstances=[arn], status="DRAINING"
        )

    def tasks(self, cluster: str, arn: str, known: Iterable[str]) -> list[Mapping[str, Any]]:
        """Those to run on a container instance, and those that it runs already."""
        listed = self._ecs.list_tasks(cluster=cluster, containerInstance=arn)["taskArns"]
        names = sorted({*listed, *known})
        if not names:
            return []
        return list(self._ecs.describe_tasks(cluster=cluster, tasks=names)["tasks"])

    def report(self, cluster: str, task: str, **state: Any) -> None:
        """SubmitTaskStateChange."""
        self._ecs.submit_task_state_change(cluster=cluster, task=task, **state)

    def definition(self, arn: str) -> Mapping[str, Any]:
        found = self._ecs.describe_task_definition(taskDefinition=arn)
        return dict(found["taskDefinition"])

    def groups(self, cluster: str, service: str) -> list[tuple[str, int, str]]:
        """Of a service: (target group, the container's port behind it, health check's path)."""
        answer = self._ecs.describe_services(cluster=cluster, services=[service])
        return [
            (each["targetGroupArn"], each["containerPort"], self._path(each["targetGroupArn"]))
            for found in answer["services"]
            for each in found.get("loadBalancers", [])
        ]

    def admit(self, identity: str, target: Target) -> None:
        self._elb.register_targets(TargetGroupArn=target.group, Targets=[_api(identity, target)])

    def withdraw(self, identity: str, target: Target) -> None:
        self._elb.deregister_targets(TargetGroupArn=target.group, Targets=[_api(identity, target)])

    def give_notice(self, identity: str) -> None:
        """The interruption warning that EC2 puts on the event bus for a Spot instance."""
        detail = {"instance-id": identity, "instance-action": "terminate"}
        event = {
            "Source": "aws.ec2",
            "DetailType": "EC2 Spot Instance Interruption Warning",
            "Resources": [f"arn:aws:ec2:{REGION}a:instance/{identity}"],
            "Detail": json.dumps(detail),
        }
        self._events.put_events(Entries=[event])

    def terminate(self, identity: str) -> None:
        self._ec2.terminate_instances(InstanceIds=[identity])

    def _clusters_by_group(self) -> dict[str, str]:
        listed = self._ecs.list_clusters()["clusterArns"]
        clusters = self._ecs.describe_clusters(clusters=listed)["clusters"] if listed else []
        cluster_of = {
            name: cluster["clusterName"]
            for cluster in clusters
            for name in cluster.get("capacityProviders", [])
        }
        providers = self._ecs.describe_capacity_providers()["capacityProviders"]
        return {
            _name(one["autoScalingGroupProvider"]): cluster_of[one["name"]]
            for one in providers
            if one["name"] in cluster_of and one.get("autoScalingGroupProvider")
        }

    def _path(self, group: str) -> str:
        found = self._elb.describe_target_groups(TargetGroupArns=[group])["TargetGroups"]
        return str(found[0]["HealthCheckPath"])


def _api(identity: str, target: Target) -> dict[str, object]:
    return {"Id": identity, "Port": target.port}


def _name(provider: Mapping[str, str]) -> str:
    """Of a provider's group, which templates name by its ARN or its name."""
    return provider["autoScalingGroupArn"].rpartition("/")[2]
