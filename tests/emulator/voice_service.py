"""A service of the true servers on an instance of its own, as a template."""

from __future__ import annotations

import base64
from typing import Any

from tests.emulator.pieces import allow, group, role

READY = {"HealthCheckPath": "/ready", "Port": 5000, "Protocol": "HTTP", "TargetType": "instance"}
TARGETS = {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": READY}
AGENT = "#!/bin/bash\necho ECS_ENABLE_SPOT_INSTANCE_DRAINING=true >> /etc/ecs/ecs.config\n"
SPOT = {"OnDemandBaseCapacity": 0, "OnDemandPercentageAboveBaseCapacity": 0}
OUTPUTS: dict[str, Any] = {
    **{name: {"Ref": name} for name in ("Group", "Cluster", "Tts", "Whisperx")},
    "Service": {"Fn::GetAtt": ["Service", "Name"]},
}


def launch() -> dict[str, Any]:
    """A launch template whose agent drains on an interruption notice."""
    data = {
        "ImageId": "ami-1",
        "InstanceType": "g4dn.xlarge",
        "UserData": base64.b64encode(AGENT.encode()).decode(),
    }
    return {"Type": "AWS::EC2::LaunchTemplate", "Properties": {"LaunchTemplateData": data}}


def on_spot() -> dict[str, Any]:
    """A group that buys Spot instances of the template `Launch`."""
    version = {"Fn::GetAtt": ["Launch", "LatestVersionNumber"]}
    template = {
        "LaunchTemplateSpecification": {"LaunchTemplateId": {"Ref": "Launch"}, "Version": version},
        "Overrides": [{"InstanceType": "g4dn.xlarge"}],
    }
    spot = group(MixedInstancesPolicy={"LaunchTemplate": template, "InstancesDistribution": SPOT})
    del spot["Properties"]["LaunchTemplate"]
    return spot


def container(**environment: str) -> dict[str, Any]:
    settings = {
        "VOICE_ENGINE": "clock",
        "VOICE_HOST": "0.0.0.0",
        "VOICE_GRACEFUL_SECONDS": "2",
        **environment,
    }
    return {
        "Name": "voice",
        "Image": "voice:1",
        "Memory": 64,
        "StopTimeout": 20,
        "Environment": [{"Name": name, "Value": value} for name, value in settings.items()],
        "PortMappings": [{"ContainerPort": port, "HostPort": port} for port in (5000, 5001)],
        "HealthCheck": {"Command": ["CMD", "python3", "-c", "import voicehost"]},
    }


def servers(group_of: dict[str, Any] | None = None, **environment: str) -> dict[str, Any]:
    """With the engine that needs no model. The service wants one task, the group no instance."""
    balancers = [
        {"ContainerName": "voice", "ContainerPort": port, "TargetGroupArn": {"Ref": name}}
        for name, port in (("Tts", 5000), ("Whisperx", 5001))
    ]
    strategy = [{"CapacityProvider": {"Ref": "Provider"}, "Weight": 1}]
    provider = {"AutoScalingGroupProvider": {"AutoScalingGroupArn": {"Ref": "Group"}}}
    association = {
        "Cluster": {"Ref": "Cluster"},
        "CapacityProviders": [{"Ref": "Provider"}],
        "DefaultCapacityProviderStrategy": strategy,
    }
    definition = {
        "TaskRoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
        "ContainerDefinitions": [container(**environment)],
    }
    service = {
        "Cluster": {"Ref": "Cluster"},
        "TaskDefinition": {"Ref": "Task"},
        "DesiredCount": 1,
        "DeploymentConfiguration": {"MinimumHealthyPercent": 0, "MaximumPercent": 100},
        "CapacityProviderStrategy": strategy,
        "LoadBalancers": balancers,
    }
    return {
        "Launch": launch(),
        "Group": group_of or group(),
        "Cluster": {"Type": "AWS::ECS::Cluster"},
        "Tts": TARGETS,
        "Whisperx": TARGETS,
        "Provider": {"Type": "AWS::ECS::CapacityProvider", "Properties": provider},
        "Association": {
            "Type": "AWS::ECS::ClusterCapacityProviderAssociations",
            "Properties": association,
        },
        "Role": role("ecs-tasks.amazonaws.com", allow("*", "s3:ListAllMyBuckets")),
        "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": definition},
        "Service": {
            "Type": "AWS::ECS::Service",
            "DependsOn": "Association",
            "Properties": service,
        },
    }
