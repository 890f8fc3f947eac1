"""What the services want now, as the agent on an instance would learn it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.emulator.emulator import Emulator


@dataclass(frozen=True, slots=True)
class Wish:
    """`groups` has for each target group of the service the container's port behind it."""

    service: str
    definition: str
    wanted: bool
    groups: Mapping[str, int]


class Wishes:
    """A service's task is wanted while its count says so and its own Auto Scaling group has an
    instance to put it on."""

    def __init__(self, emulator: Emulator) -> None:
        self._ecs = emulator.client("ecs")
        self._autoscaling = emulator.client("autoscaling")
        self._elb = emulator.client("elbv2")

    def read(self) -> list[Wish]:
        return [_wish(service, self._instances(service)) for service in self._services()]

    def definition(self, arn: str) -> Mapping[str, Any]:
        found = self._ecs.describe_task_definition(taskDefinition=arn)
        return dict(found["taskDefinition"])

    def health_path(self, group: str) -> str:
        found = self._elb.describe_target_groups(TargetGroupArns=[group])["TargetGroups"]
        return str(found[0]["HealthCheckPath"])

    def _services(self) -> Iterator[Mapping[str, Any]]:
        for cluster in self._ecs.list_clusters()["clusterArns"]:
            names = self._ecs.list_services(cluster=cluster)["serviceArns"]
            if names:
                answer = self._ecs.describe_services(cluster=cluster, services=names)
                yield from answer["services"]

    def _instances(self, service: Mapping[str, Any]) -> int:
        names = [each["capacityProvider"] for each in service.get("capacityProviderStrategy", [])]
        if not names:
            return 0
        providers = self._ecs.describe_capacity_providers(capacityProviders=names)
        groups = [
            one["autoScalingGroupProvider"]["autoScalingGroupArn"].rpartition("/")[2]
            for one in providers["capacityProviders"]
        ]
        found = self._autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=groups)
        return sum(int(group["DesiredCapacity"]) for group in found["AutoScalingGroups"])


def _wish(service: Mapping[str, Any], instances: int) -> Wish:
    return Wish(
        service=service["serviceName"],
        definition=service["taskDefinition"],
        wanted=service["desiredCount"] > 0 and instances > 0,
        groups={
            each["targetGroupArn"]: each["containerPort"]
            for each in service.get("loadBalancers", [])
        },
    )
