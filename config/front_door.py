"""The load balancer: name, certificate, who may come in."""

from __future__ import annotations

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from config.section import Days, Section


def _range(value: str) -> str:
    try:
        exact = str(ipaddress.IPv4Network(value, strict=False))
    except ValueError:
        raise ValueError(
            f"{value} is no IPv4 range such as 203.0.113.0/24; the load balancer has no other "
            "addresses"
        ) from None
    if exact != value:
        raise ValueError(f"{value} is an address inside {exact}; write {exact}")
    return exact


Range = Annotated[str, AfterValidator(_range)]


class DomainSettings(Section):
    name: str = Field(
        description="Fixed host name of the front door, such as `gpu.example.com`.",
        pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$",
    )
    zone_name: str | None = Field(
        None, description="Public Route 53 zone that holds the name, such as `example.com`."
    )
    zone_id: str | None = Field(
        None,
        pattern=r"^Z[A-Z0-9]+$",
        description="Its id. None for an internal load balancer: a private zone of the host name "
        "is made in the VPC.",
    )

    @model_validator(mode="after")
    def _name_in_zone(self) -> DomainSettings:
        if self.zone_id and not self.zone_name:
            raise ValueError("zone_name: name the zone of zone_id, such as example.com")
        if self.zone_name and not f".{self.name}".endswith(f".{self.zone_name}"):
            raise ValueError(f"{self.name} is not inside the zone {self.zone_name}")
        return self


class FrontDoorSettings(Section):
    domain: DomainSettings | None = Field(
        None, description="Host name and its zone: `name`, `zone_name`, `zone_id`."
    )
    certificate_arn: str | None = Field(
        None,
        pattern=r"^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/.+$",
        description="An ACM certificate of this region. None: one is made for `domain` and "
        "validated in its zone.",
    )
    internal: bool = Field(
        False,
        description="A load balancer that only the VPC and networks joined to it reach, with the "
        "name in a private zone. Needs `certificate_arn`.",
    )
    allowed_ranges: tuple[Range, ...] = Field(
        ("0.0.0.0/0",),
        min_length=1,
        description="IPv4 ranges that may connect: the cheap protection, where callers have fixed "
        "addresses.",
    )
    idle_timeout_seconds: int = Field(
        1900,
        ge=60,
        le=4000,
        description="How long a connection may be silent; long calls send white space each 15 s.",
    )
    access_logs_days: Days = Field(
        0, description="Days to keep the load balancer's access logs in a bucket; 0 keeps none."
    )
    waf_requests_per_5_minutes: int = Field(
        0,
        ge=0,
        description="Most requests of one address in five minutes, by AWS WAF ($6 a month and "
        "$0.60 a million requests); 0 is no WAF, else at least 100.",
    )

    @model_validator(mode="after")
    def _certificate(self) -> FrontDoorSettings:
        if self.certificate_arn is None:
            if self.domain is None:
                raise ValueError(
                    "HTTPS needs a certificate: set certificate_arn, or domain with its zone to "
                    "have one made"
                )
            if self.internal:
                raise ValueError(
                    "certificate_arn: an internal load balancer needs one, because ACM validates "
                    "names in public zones only"
                )
            if self.domain.zone_id is None:
                raise ValueError(
                    f"a certificate for {self.domain.name} is validated in its hosted zone: set "
                    "domain.zone_id and domain.zone_name, or certificate_arn"
                )
        if 0 < self.waf_requests_per_5_minutes < 100:
            raise ValueError("waf_requests_per_5_minutes: AWS takes 0 or 100 and more")
        return self
