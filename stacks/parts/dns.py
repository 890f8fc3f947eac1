"""The fixed name of the front door."""

from __future__ import annotations

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from config.front_door import DomainSettings


class FixedName(Construct):
    """An alias record in the given zone, in a private zone made here, or none (no zone named)."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        domain: DomainSettings,
        internal: bool,
        door: elbv2.ILoadBalancerV2,
    ) -> None:
        super().__init__(scope, construct_id)
        zone = self._zone(vpc, domain, internal)
        self._found = zone
        if zone is not None:
            route53.ARecord(
                self,
                "Alias",
                zone=zone,
                record_name=f"{domain.name}.",
                target=route53.RecordTarget.from_alias(targets.LoadBalancerTarget(door)),
            )

    @property
    def zone(self) -> route53.IHostedZone:
        if self._found is None:
            raise ValueError("the settings let no certificate without a zone through")
        return self._found

    def _zone(
        self, vpc: ec2.IVpc, domain: DomainSettings, internal: bool
    ) -> route53.IHostedZone | None:
        if domain.zone_name is None:
            return None
        if domain.zone_id is not None:
            return route53.HostedZone.from_hosted_zone_attributes(
                self, "Zone", hosted_zone_id=domain.zone_id, zone_name=domain.zone_name
            )
        if not internal:
            return None
        return route53.PrivateHostedZone(self, "Zone", vpc=vpc, zone_name=domain.zone_name)
