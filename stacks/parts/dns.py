"""The fixed name of the front door."""

from __future__ import annotations

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from config.front_door import DomainSettings


def zone_of(
    scope: Construct, construct_id: str, *, domain: DomainSettings, vpc: ec2.IVpc, internal: bool
) -> route53.IHostedZone | None:
    """The zone that the settings name; for an internal load balancer without one, a private zone.

    None when the name is kept elsewhere. The private zone is that of the host name itself: one of
    its parent would hide all other names of that from the VPC.
    """
    if domain.zone_id is not None:
        return route53.HostedZone.from_hosted_zone_attributes(
            scope,
            construct_id,
            hosted_zone_id=domain.zone_id,
            zone_name=domain.zone_name or domain.name,
        )
    if not internal:
        return None
    return route53.PrivateHostedZone(scope, construct_id, vpc=vpc, zone_name=domain.name)


def alias(
    scope: Construct,
    construct_id: str,
    *,
    zone: route53.IHostedZone,
    name: str,
    balancer: elbv2.ILoadBalancerV2,
) -> route53.ARecord:
    """The host name, as an alias of the load balancer."""
    return route53.ARecord(
        scope,
        construct_id,
        zone=zone,
        record_name=f"{name}.",
        target=route53.RecordTarget.from_alias(targets.LoadBalancerTarget(balancer)),
    )
