"""A cluster with two slots behind a load balancer, in an account that moto pretends."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import boto3

from power.policy import Policy
from power.settings import PowerSettings, SlotNames

REGION = "us-east-1"
AMI = "ami-12c6146b"


@dataclass(frozen=True, slots=True)
class World:
    settings: PowerSettings
    listener: str
    template_rules: tuple[str, ...]


def make_world() -> World:
    """Template rules at 50, 100 and 200; both slots at count 0; blue is live."""
    ec2, elb = boto3.client("ec2"), boto3.client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{zone}"
        )["Subnet"]["SubnetId"]
        for n, zone in enumerate("ab")
    ]
    balancer = elb.create_load_balancer(Name="door", Subnets=subnets)["LoadBalancers"][0]
    front = _group(elb, "front", vpc, "lambda")
    slots = {name: _slot(name, vpc, subnets[0]) for name in ("blue", "green")}
    listener = elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[
            {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}},
        ],
    )["Listeners"][0]["ListenerArn"]
    settings = PowerSettings(
        environment="test",
        namespace="GpuVoice/test",
        table="power",
        cluster="voice",
        listener=listener,
        sleep_group=front,
        slots=slots,
        policy=Policy(),
        keys_secret="keys",
        service_key_secret="service-key",
        keys_minutes=5,
        controller="controller",
        reach="reach",
        cors_origins=(),
        results_bucket="",
        results_url_minutes=60,
        most_lease_hours=12,
    )
    rules = tuple(_rule(elb, listener, priority, slots) for priority in (100, 101, 200, 201))
    return World(settings, listener, rules)


def instance_of(world: World, slot: str) -> str:
    """The one instance of a slot's group."""
    groups = boto3.client("autoscaling").describe_auto_scaling_groups(
        AutoScalingGroupNames=[world.settings.slots[slot].group]
    )["AutoScalingGroups"]
    (instance,) = groups[0]["Instances"]
    return str(instance["InstanceId"])


def join(world: World, slot: str) -> str:
    """Its agent joins the cluster and both servers become targets; gives the instance."""
    instance = instance_of(world, slot)
    document = json.dumps({"instanceId": instance})
    boto3.client("ecs").register_container_instance(
        cluster=world.settings.cluster,
        instanceIdentityDocument=json.dumps({"instanceId": instance, "region": REGION}),
        instanceIdentityDocumentSignature=document,
    )
    for port, arn in zip((5000, 5001), world.settings.slots[slot].groups.values(), strict=True):
        boto3.client("elbv2").register_targets(
            TargetGroupArn=arn, Targets=[{"Id": instance, "Port": port}]
        )
    return instance


def _slot(name: str, vpc: str, subnet: str) -> SlotNames:
    elb, ecs = boto3.client("elbv2"), boto3.client("ecs")
    scaling = boto3.client("autoscaling")
    template = boto3.client("ec2").create_launch_template(
        LaunchTemplateName=name, LaunchTemplateData={"ImageId": AMI, "InstanceType": "g4dn.xlarge"}
    )["LaunchTemplate"]["LaunchTemplateId"]
    scaling.create_auto_scaling_group(
        AutoScalingGroupName=f"{name}-group",
        LaunchTemplate={"LaunchTemplateId": template, "Version": "$Latest"},
        MinSize=0,
        MaxSize=1,
        DesiredCapacity=0,
        VPCZoneIdentifier=subnet,
    )
    ecs.create_cluster(clusterName="voice")
    ecs.register_task_definition(
        family=name, containerDefinitions=[{"name": "voice", "image": "voice", "memory": 512}]
    )
    ecs.create_service(
        cluster="voice", serviceName=f"{name}-service", taskDefinition=name, desiredCount=0
    )
    groups = {
        server: _group(elb, f"{name}-{server}", vpc, "instance") for server in ("tts", "whisperx")
    }
    return SlotNames(
        service=f"{name}-service",
        group=f"{name}-group",
        groups=groups,
        price=0.526,
        on_demand_price=0.526,
    )


def _group(elb: Any, name: str, vpc: str, kind: str) -> str:
    network = {} if kind == "lambda" else {"Protocol": "HTTP", "Port": 5000, "VpcId": vpc}
    found = elb.create_target_group(Name=name, TargetType=kind, **network)
    return str(found["TargetGroups"][0]["TargetGroupArn"])


def _rule(elb: Any, listener: str, priority: int, slots: dict[str, SlotNames]) -> str:
    server = "whisperx" if priority % 2 else "tts"
    conditions: list[dict[str, Any]] = [
        {"Field": "path-pattern", "PathPatternConfig": {"Values": [f"/{server}/*"]}}
    ]
    weights = {"blue": 100, "green": 0}
    if priority < 200:
        header = {"HttpHeaderName": "X-Voice-Slot", "Values": ["idle"]}
        conditions.append({"Field": "http-header", "HttpHeaderConfig": header})
        weights = {"blue": 0, "green": 100}
    groups = [
        {"TargetGroupArn": slots[slot].groups[server], "Weight": weight}
        for slot, weight in weights.items()
    ]
    made = elb.create_rule(
        ListenerArn=listener,
        Priority=priority,
        Conditions=conditions,
        Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}],
    )
    return str(made["Rules"][0]["RuleArn"])
