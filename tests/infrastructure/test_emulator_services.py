"""ECS in the emulated cloud, as AWS documents it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.emulator import Emulator
from tests.emulator.pieces import LAUNCH, group
from tests.emulator.stack import Stack, StackFailed

pytest_plugins = ["tests.emulator.fixture"]

CLUSTER = {"Type": "AWS::ECS::Cluster"}


def provider(**properties: Any) -> dict[str, Any]:
    asg = {"AutoScalingGroupArn": {"Ref": "Group"}, **properties}
    return {
        "Type": "AWS::ECS::CapacityProvider",
        "Properties": {"AutoScalingGroupProvider": asg},
    }


def association(*names: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::ECS::ClusterCapacityProviderAssociations",
        "Properties": {
            "Cluster": {"Ref": "Cluster"},
            "CapacityProviders": list(names),
            "DefaultCapacityProviderStrategy": [],
        },
    }


def task(image: str = "voice:1") -> dict[str, Any]:
    return {
        "Type": "AWS::ECS::TaskDefinition",
        "Properties": {
            "NetworkMode": "bridge",
            "ContainerDefinitions": [
                {
                    "Name": "voice",
                    "Image": image,
                    "Essential": True,
                    "MemoryReservation": 12288,
                    "StopTimeout": 1800,
                    "PortMappings": [{"ContainerPort": 5000, "HostPort": 5000}],
                    "Secrets": [{"Name": "TOKEN", "ValueFrom": "arn:aws:ssm:::parameter/token"}],
                    "ResourceRequirements": [{"Type": "GPU", "Value": "1"}],
                    "HealthCheck": {"Command": ["CMD-SHELL", "true"], "StartPeriod": 300},
                    "LinuxParameters": {"InitProcessEnabled": True, "SharedMemorySize": 1024},
                    "Ulimits": [{"Name": "nofile", "SoftLimit": 4096, "HardLimit": 8192}],
                    "LogConfiguration": {
                        "LogDriver": "awslogs",
                        "Options": {"awslogs-group": "voice", "Mode": "non-blocking"},
                    },
                    "DockerLabels": {"TeamName": "Voice"},
                }
            ],
        },
    }


def service(**properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::ECS::Service",
        "Properties": {
            "Cluster": {"Ref": "Cluster"},
            "TaskDefinition": {"Ref": "Task"},
            "HealthCheckGracePeriodSeconds": 900,
            **properties,
        },
    }


def test_a_group_becomes_capacity_of_its_cluster_and_changes_in_place(
    cloud: Emulator, stack: Stack
) -> None:
    ecs = cloud.client("ecs")
    resources = {"Launch": LAUNCH, "Group": group(), "Cluster": CLUSTER}
    wiring = {"Association": association({"Ref": "Provider"})}
    off = provider(ManagedScaling={"Status": "DISABLED"}, ManagedDraining="DISABLED")
    found = stack.put(
        {**resources, **wiring, "Provider": off},
        Provider={"Ref": "Provider"},
        Cluster={"Ref": "Cluster"},
        Group={"Ref": "Group"},
    )

    def described() -> dict[str, Any]:
        answer = ecs.describe_capacity_providers(capacityProviders=[found["Provider"]])
        return dict(answer["capacityProviders"][0]["autoScalingGroupProvider"])

    assert described()["managedScaling"]["status"] == "DISABLED"
    assert described()["managedDraining"] == "DISABLED"
    assert found["Group"] in described()["autoScalingGroupArn"]
    (cluster,) = ecs.describe_clusters(clusters=[found["Cluster"]])["clusters"]
    assert cluster["capacityProviders"] == [found["Provider"]]

    on = provider(ManagedScaling={"Status": "ENABLED", "TargetCapacity": 100})
    after = stack.put({**resources, **wiring, "Provider": on}, Provider={"Ref": "Provider"})
    assert after["Provider"] == found["Provider"]
    assert described()["managedScaling"]["status"] == "ENABLED"

    stack.delete()
    names = {one["name"] for one in ecs.describe_capacity_providers()["capacityProviders"]}
    assert found["Provider"] not in names


def test_a_provider_that_does_not_exist_fails_the_stack(stack: Stack) -> None:
    with pytest.raises(StackFailed, match="capacity provider was not found"):
        stack.put({"Cluster": CLUSTER, "Association": association("nobody")})


def test_every_part_of_a_container_reads_back_as_the_api_spells_it(
    cloud: Emulator, stack: Stack
) -> None:
    found = stack.put({"Task": task()}, Task={"Ref": "Task"})
    answer = cloud.client("ecs").describe_task_definition(taskDefinition=found["Task"])
    (container,) = answer["taskDefinition"]["containerDefinitions"]
    assert container["secrets"] == [{"name": "TOKEN", "valueFrom": "arn:aws:ssm:::parameter/token"}]
    assert container["resourceRequirements"] == [{"type": "GPU", "value": "1"}]
    assert container["healthCheck"] == {"command": ["CMD-SHELL", "true"], "startPeriod": 300}
    assert container["linuxParameters"]["sharedMemorySize"] == 1024
    assert container["ulimits"][0]["softLimit"] == 4096
    assert container["portMappings"] == [{"containerPort": 5000, "hostPort": 5000}]
    assert container["logConfiguration"]["options"]["Mode"] == "non-blocking"
    assert container["dockerLabels"] == {"TeamName": "Voice"}


def test_a_service_keeps_its_live_count_when_the_template_says_nothing(
    cloud: Emulator, stack: Stack
) -> None:
    ecs = cloud.client("ecs")
    first = {"Cluster": CLUSTER, "Task": task(), "Service": service(DesiredCount=0)}
    found = stack.put(first, Service={"Ref": "Service"}, Cluster={"Ref": "Cluster"})
    named = {"cluster": found["Cluster"], "service": found["Service"]}

    def live() -> dict[str, Any]:
        answer = ecs.describe_services(cluster=named["cluster"], services=[named["service"]])
        return dict(answer["services"][0])

    assert (live()["desiredCount"], live()["healthCheckGracePeriodSeconds"]) == (0, 900)

    stack.put({"Cluster": CLUSTER, "Task": task(), "Service": service()})
    assert live()["desiredCount"] == 0

    ecs.update_service(**named, desiredCount=1)
    before = live()["taskDefinition"]
    stack.put({"Cluster": CLUSTER, "Task": task("voice:2"), "Service": service()})
    assert live()["desiredCount"] == 1
    assert live()["taskDefinition"] != before

    stack.put({"Cluster": CLUSTER, "Task": task("voice:2"), "Service": service(DesiredCount=0)})
    assert live()["desiredCount"] == 0


def test_a_new_service_without_a_count_starts_at_one(cloud: Emulator, stack: Stack) -> None:
    found = stack.put(
        {"Cluster": CLUSTER, "Task": task(), "Service": service()},
        Service={"Ref": "Service"},
        Cluster={"Ref": "Cluster"},
    )
    answer = cloud.client("ecs").describe_services(
        cluster=found["Cluster"], services=[found["Service"]]
    )
    assert answer["services"][0]["desiredCount"] == 1
