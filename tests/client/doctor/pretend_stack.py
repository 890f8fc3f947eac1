"""A deployed service stack in a pretended account: what the doctor reads of it, and no more."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

ENV, REGION = "dev", "us-east-1"
SERVERS = ("tts", "whisperx")
SLOTS = ("blue", "green")
ROLE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "x"}, "Action": "sts:AssumeRole"}],
}
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
BASE = "region: us-east-1\ncapacity:\n  instance_types: [g4dn.xlarge]\n"


@dataclass
class PretendStack:
    """Two slots with a tag each behind a load balancer that weighs them."""

    tags: dict[str, str] = field(default_factory=lambda: dict.fromkeys(SLOTS, "v1"))
    weights: dict[str, int] = field(default_factory=lambda: {"blue": 100, "green": 0})
    active: str = "blue"
    pushed: tuple[str, ...] = ("v1",)
    zones: tuple[str, ...] = ("us-east-1a", "us-east-1b")

    def make(self) -> PretendStack:
        outputs = {"Url": "https://gpu.example.com", "ActiveSlot": self.active}
        outputs |= self._balancer_and_services()
        outputs |= self._groups()
        outputs["ImageRepository"] = self._repository()
        template = {
            "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
            "Outputs": {name: {"Value": value} for name, value in outputs.items()},
        }
        boto3.client("cloudformation").create_stack(
            StackName=f"GpuVoice-{ENV}-Service", TemplateBody=json.dumps(template)
        )
        return self

    def _balancer_and_services(self) -> dict[str, str]:
        subnets = [self._subnet(zone) for zone in self.zones]
        elb = boto3.client("elbv2")
        balancer = elb.create_load_balancer(Name="door", Subnets=subnets)["LoadBalancers"][0]
        vpc = balancer["VpcId"]
        listener = elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80,
            DefaultActions=[{"Type": "fixed-response",
                             "FixedResponseConfig": {"StatusCode": "404"}}],
        )["Listeners"][0]["ListenerArn"]  # fmt: skip
        groups = {
            (slot, server): elb.create_target_group(
                Name=f"{slot}-{server}", Protocol="HTTP", Port=5000, VpcId=vpc
            )["TargetGroups"][0]["TargetGroupArn"]
            for slot in SLOTS for server in SERVERS
        }  # fmt: skip
        for order, server in enumerate(SERVERS):
            of_server = {slot: groups[slot, server] for slot in SLOTS}
            idle = {slot: 100 - weight for slot, weight in self.weights.items()}
            paths = {"Field": "path-pattern",
                     "PathPatternConfig": {"Values": [f"/{server}", f"/{server}/*"]}}  # fmt: skip
            header = {"Field": "http-header", "HttpHeaderConfig": {
                "HttpHeaderName": "X-Voice-Slot", "Values": ["idle"]}}  # fmt: skip
            for priority, conditions, weights in (
                (200 + order, [paths], self.weights), (300 + order, [paths, header], idle),
            ):  # fmt: skip
                elb.create_rule(
                    ListenerArn=listener, Priority=priority, Conditions=conditions,
                    Actions=[_forward(of_server, weights)],
                )  # fmt: skip
        services = self._services(groups)
        return {"LoadBalancerDns": balancer["DNSName"], **services}

    def _services(self, groups: dict[tuple[str, str], str]) -> dict[str, str]:
        ecs = boto3.client("ecs")
        ecs.create_cluster(clusterName="voice")
        found = {"ClusterName": "voice"}
        for slot in SLOTS:
            image = f"123456789012.dkr.ecr.{REGION}.amazonaws.com/gpu-voice:{self.tags[slot]}"
            definition = ecs.register_task_definition(
                family=slot,
                containerDefinitions=[{"name": "voice", "image": image, "memory": 128}],
            )["taskDefinition"]["taskDefinitionArn"]
            ecs.create_service(
                cluster="voice", serviceName=f"{slot}-service", taskDefinition=definition,
                desiredCount=0,
                loadBalancers=[
                    {"targetGroupArn": groups[slot, server], "containerName": "voice",
                     "containerPort": 5000} for server in SERVERS
                ],
            )  # fmt: skip
            found[f"{slot.capitalize()}Service"] = f"{slot}-service"
        return found

    def _groups(self) -> dict[str, str]:
        scaling = boto3.client("autoscaling")
        scaling.create_launch_configuration(
            LaunchConfigurationName="gpu", ImageId="ami-12345678", InstanceType="g4dn.xlarge"
        )
        found = {}
        for slot in SLOTS:
            scaling.create_auto_scaling_group(
                AutoScalingGroupName=slot, LaunchConfigurationName="gpu", MinSize=0, MaxSize=1,
                AvailabilityZones=list(self.zones),
            )  # fmt: skip
            found[f"{slot.capitalize()}Group"] = slot
        return found

    def _repository(self) -> str:
        ecr = boto3.client("ecr")
        uri = ecr.create_repository(repositoryName="gpu-voice")["repository"]["repositoryUri"]
        for tag in self.pushed:
            manifest = {
                "schemaVersion": 2, "mediaType": MANIFEST, "layers": [],
                "config": {"digest": f"sha256:{tag}"},
            }  # fmt: skip
            ecr.put_image(
                repositoryName="gpu-voice", imageManifest=json.dumps(manifest), imageTag=tag
            )
        return str(uri)

    def _subnet(self, zone: str) -> str:
        found = boto3.client("ec2").describe_subnets(
            Filters=[{"Name": "availability-zone", "Values": [zone]}]
        )
        return str(found["Subnets"][0]["SubnetId"])


def checkout(
    folder: Path, *, active: str = "blue", tags: tuple[str, str] = ("v1", "v1"),
    trial_percent: int = 0, base: str = BASE, live: list[str] | None = None,
) -> Path:  # fmt: skip
    """A checkout of the project with this release file, and the record of what is live."""
    config = folder / "config"
    config.mkdir()
    (config / "base.yaml").write_text(base, encoding="utf-8")
    (config / f"{ENV}.yaml").write_text("retain_data: false\n", encoding="utf-8")
    (config / "release.yaml").write_text(
        f"{ENV}:\n  active: {active}\n  trial_percent: {trial_percent}\n  slots:\n"
        f"    blue:\n      tag: {tags[0]}\n    green:\n      tag: {tags[1]}\n",
        encoding="utf-8",
    )
    if live is not None:
        (config / "deployed").mkdir()
        (config / "deployed" / f"{ENV}.json").write_text(
            json.dumps({"live": live, "slots": {}}), encoding="utf-8"
        )
    return folder


def _forward(groups: dict[str, str], weights: dict[str, int]) -> dict[str, Any]:
    targets = [{"TargetGroupArn": groups[slot], "Weight": weights[slot]} for slot in SLOTS]
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": targets}}
