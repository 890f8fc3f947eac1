"""The network: public subnets without NAT by default, or what the settings ask for."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from config.network import NetworkSettings
from stacks.parts.log_groups import log_group
from stacks.parts.place import Place
from stacks.reasons import accept

# What an instance without a way to the internet calls.
INTERFACES = {
    "Ecs": ec2.InterfaceVpcEndpointAwsService.ECS,
    "EcsAgent": ec2.InterfaceVpcEndpointAwsService.ECS_AGENT,
    "EcsTelemetry": ec2.InterfaceVpcEndpointAwsService.ECS_TELEMETRY,
    "Ecr": ec2.InterfaceVpcEndpointAwsService.ECR,
    "EcrDocker": ec2.InterfaceVpcEndpointAwsService.ECR_DOCKER,
    "Logs": ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
    "Secrets": ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
    "Ssm": ec2.InterfaceVpcEndpointAwsService.SSM,
    "SsmMessages": ec2.InterfaceVpcEndpointAwsService.SSM_MESSAGES,
}


class NewVpc(Construct):
    """A VPC of our own; `place` says what goes where in it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        network: NetworkSettings,
        internal: bool,
        log_name: str,
        removal: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(network.cidr),
            availability_zones=list(network.zones) or None,
            max_azs=None if network.zones else 2,
            nat_gateways=1 if network.egress == "nat" else 0,
            subnet_configuration=_tiers(network.egress),
            # Nothing uses the default group; restricting it takes a function of its own.
            restrict_default_security_group=False,
        )
        vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
        if network.egress == "endpoints":
            self._add_interfaces(vpc, network.cidr)
        if network.flow_logs_days:
            self._log_refused(vpc, log_name, network.flow_logs_days, removal)
        else:
            accept(
                vpc,
                "Flow logs are a setting (network.flow_logs_days): they are paid by volume, and "
                "nothing but the load balancer can reach an instance.",
                "AwsSolutions-VPC7",
            )
        private = [*vpc.private_subnets, *vpc.isolated_subnets]
        self.place = Place(
            vpc=vpc,
            instance_subnets=private or vpc.public_subnets,
            balancer_subnets=(internal and private) or vpc.public_subnets,
        )

    def _add_interfaces(self, vpc: ec2.Vpc, cidr: str) -> None:
        group = ec2.SecurityGroup(
            self, "Endpoints", vpc=vpc, description="In from the VPC", allow_all_outbound=False
        )
        group.add_ingress_rule(ec2.Peer.ipv4(cidr), ec2.Port.tcp(443), "the VPC")
        for name, service in INTERFACES.items():
            vpc.add_interface_endpoint(name, service=service, security_groups=[group], open=False)

    def _log_refused(
        self, vpc: ec2.Vpc, log_name: str, days: int, removal: cdk.RemovalPolicy
    ) -> None:
        group = log_group(self, "FlowLog", name=log_name, days=days, removal=removal)
        vpc.add_flow_log(
            "Refused",
            destination=ec2.FlowLogDestination.to_cloud_watch_logs(group),
            traffic_type=ec2.FlowLogTrafficType.REJECT,
        )


def _tiers(egress: str) -> list[ec2.SubnetConfiguration]:
    # The load balancer brings addresses of its own, and instances ask for theirs.
    tiers = [
        ec2.SubnetConfiguration(
            name="Public",
            subnet_type=ec2.SubnetType.PUBLIC,
            cidr_mask=22,
            map_public_ip_on_launch=False,
        )
    ]
    if egress != "public":
        nat = egress == "nat"
        kind = ec2.SubnetType.PRIVATE_WITH_EGRESS if nat else ec2.SubnetType.PRIVATE_ISOLATED
        tiers.append(ec2.SubnetConfiguration(name="Private", subnet_type=kind, cidr_mask=22))
    return tiers
