"""The load balancer: HTTPS, a fixed name, JSON for unknown paths."""

from __future__ import annotations

import json
from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_route53 as route53
from constructs import Construct

from config.front_door import FrontDoorSettings
from stacks.parts.access_logs import AccessLogs
from stacks.parts.dns import alias, zone_of
from stacks.parts.rate_limit import RateLimit
from stacks.reasons import accept, accept_checkov

NOT_FOUND = "There is nothing here: the servers are below /tts/ and /whisperx/."
HSTS = "max-age=31536000"


class FrontDoor(Construct):
    """`listener` takes the rules of the slots; `url` is what callers use."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        subnets: Sequence[ec2.ISubnet],
        door: FrontDoorSettings,
        deletion_protection: bool,
        removal: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.security_group = self._security_group(vpc, door)
        self.balancer = elbv2.ApplicationLoadBalancer(
            self,
            "Balancer",
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnets=list(subnets)),
            internet_facing=not door.internal,
            security_group=self.security_group,
            idle_timeout=cdk.Duration.seconds(door.idle_timeout_seconds),
            drop_invalid_header_fields=True,
            deletion_protection=deletion_protection,
        )
        self._access_logs(door, removal)
        zone = None
        if door.domain is not None:
            zone = zone_of(self, "Zone", domain=door.domain, vpc=vpc, internal=door.internal)
            if zone is not None:
                alias(self, "Alias", zone=zone, name=door.domain.name, balancer=self.balancer)
        self.listener = self._listener(self._certificate(door, zone))
        if door.waf_requests_per_5_minutes:
            RateLimit(
                self,
                "RateLimit",
                resource_arn=self.balancer.load_balancer_arn,
                requests_per_5_minutes=door.waf_requests_per_5_minutes,
            )
        host = door.domain.name if door.domain else self.balancer.load_balancer_dns_name
        self.url = f"https://{host}"

    def _security_group(self, vpc: ec2.IVpc, door: FrontDoorSettings) -> ec2.SecurityGroup:
        group = ec2.SecurityGroup(
            self,
            "Firewall",
            vpc=vpc,
            allow_all_outbound=False,
            description="In from the allowed ranges, out to the ports of the servers",
        )
        for allowed in door.allowed_ranges:
            peer = ec2.Peer.ipv6(allowed) if ":" in allowed else ec2.Peer.ipv4(allowed)
            for port, what in ((443, "calls"), (80, "redirected to 443")):
                group.add_ingress_rule(peer, ec2.Port.tcp(port), f"{allowed}, {what}")
        accept(
            group,
            "Callers come from anywhere unless front_door.allowed_ranges says otherwise; every "
            "call needs a key.",
            "AwsSolutions-EC23",
        )
        accept_checkov(group, "Port 80 answers with a redirect to 443 alone.", "CKV_AWS_260")
        return group

    def _access_logs(self, door: FrontDoorSettings, removal: cdk.RemovalPolicy) -> None:
        if door.access_logs_days:
            logs = AccessLogs(self, "Logs", days=door.access_logs_days, removal=removal)
            self.balancer.log_access_logs(logs.bucket, prefix="front-door")
            return
        reason = (
            "Access logs are a setting (front_door.access_logs_days); the servers log each call."
        )
        accept(self.balancer, reason, "AwsSolutions-ELB2")
        accept_checkov(self.balancer, reason, "CKV_AWS_91")

    def _certificate(
        self, door: FrontDoorSettings, zone: route53.IHostedZone | None
    ) -> acm.ICertificate:
        if door.certificate_arn is not None:
            return acm.Certificate.from_certificate_arn(self, "Certificate", door.certificate_arn)
        # The settings let nothing through that has neither a certificate nor a domain with a zone.
        return acm.Certificate(
            self,
            "Certificate",
            domain_name=door.domain.name if door.domain else "",
            validation=acm.CertificateValidation.from_dns(zone),
        )

    def _listener(self, certificate: acm.ICertificate) -> elbv2.ApplicationListener:
        self.balancer.add_redirect(open=False)
        listener = self.balancer.add_listener(
            "Https",
            port=443,
            open=False,
            protocol=elbv2.ApplicationProtocol.HTTPS,
            certificates=[certificate],
            ssl_policy=elbv2.SslPolicy.RECOMMENDED_TLS,
            default_action=elbv2.ListenerAction.fixed_response(
                404,
                content_type="application/json",
                message_body=json.dumps({"success": False, "error": NOT_FOUND}),
            ),
        )
        listener.set_attribute("routing.http.response.server.enabled", "false")
        listener.set_attribute("routing.http.response.strict_transport_security.header_value", HSTS)
        return listener
