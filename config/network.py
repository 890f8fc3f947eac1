"""Where the stack lives: a VPC of its own, or one that exists."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from config.section import Days, Section


def _cidr(value: str) -> str:
    try:
        found = ipaddress.IPv4Network(value)
    except ValueError:
        raise ValueError(f"{value} is no IPv4 range such as 10.20.0.0/16") from None
    if not 16 <= found.prefixlen <= 20:
        raise ValueError(f"{value} does not hold four subnets of 1,024 addresses; use /16 to /20")
    return value


class ExistingVpc(Section):
    """An existing VPC. Its parts are named here, so that a synth asks no account for them."""

    vpc_id: str = Field(description="Id of the VPC.", pattern=r"^vpc-[0-9a-f]+$")
    zones: tuple[str, ...] = Field(description="Zones of the subnets, in their order.")
    public_subnet_ids: tuple[str, ...] = Field(
        (), description="Subnets with a route to an internet gateway, one for each zone."
    )
    private_subnet_ids: tuple[str, ...] = Field(
        (), description="Subnets without one, for `egress` other than `public`."
    )

    @model_validator(mode="after")
    def _one_subnet_a_zone(self) -> ExistingVpc:
        for ids in (self.public_subnet_ids, self.private_subnet_ids):
            if ids and len(ids) != len(self.zones):
                raise ValueError(
                    f"has {len(self.zones)} zones and {len(ids)} subnets; name one subnet a zone"
                )
        return self


class NetworkSettings(Section):
    egress: Literal["public", "nat", "endpoints"] = Field(
        "public",
        description="How instances reach AWS. `public`: public subnets, no inbound rule but the "
        "load balancer's ($0 a month, one public address while an instance runs). `nat`: private "
        "subnets behind one NAT gateway ($36 a month with its address and $0.045 a GB). "
        "`endpoints`: private subnets with interface endpoints for ECS, ECR, logs, Secrets "
        "Manager and Session Manager "
        "($66 a month for each zone, $0.01 a GB); they reach nothing else.",
    )
    zones: tuple[str, ...] = Field(
        (),
        description="Two or more availability zones that offer the instance types. None: the "
        "first two of the region. `aws ec2 describe-instance-type-offerings --location-type "
        "availability-zone --filters Name=instance-type,Values=g4dn.xlarge` lists them.",
    )
    cidr: Annotated[str, AfterValidator(_cidr)] = Field(
        "10.20.0.0/16", description="Address range of the VPC: /16 to /20."
    )
    existing: ExistingVpc | None = Field(
        None, description="Use this VPC instead of making one: `vpc_id`, `zones`, subnet ids."
    )
    flow_logs_days: Days = Field(
        0, description="Days to keep a log of refused connections; 0 logs none."
    )

    @model_validator(mode="after")
    def _enough_subnets(self) -> NetworkSettings:
        if len(self.zones) == 1:
            raise ValueError("zones: a load balancer needs two; name two or none")
        if self.existing is None:
            return self
        if len(self.existing.zones) < 2:
            raise ValueError("existing.zones: a load balancer needs subnets in two zones")
        if self.egress == "public" and not self.existing.public_subnet_ids:
            raise ValueError("existing.public_subnet_ids: egress `public` needs them")
        if self.egress != "public" and not self.existing.private_subnet_ids:
            raise ValueError(f"existing.private_subnet_ids: egress `{self.egress}` needs them")
        return self
