"""What an account may start, and where it is offered."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gpuvoice.aws.account import Account, code_of
from gpuvoice.aws.deployed import Deployed
from gpuvoice.aws.failures import AwsFailed
from gpuvoice.aws.project import SLOTS

# Service Quotas of EC2, in vCPUs that may run at the same time: 'Running On-Demand G and VT
# instances' and 'All G and VT Spot Instance Requests'.
QUOTAS = {"on_demand": "L-DB2E81BA", "spot": "L-3819A6DF"}
SIZE = re.compile(r"^g\w+\.(?P<times>\d*)xlarge$")
VCPUS_OF_XLARGE = 4


@dataclass(frozen=True)
class Zones:
    """Zones that offer a type, and those of the deployed groups; {} where none is deployed."""

    offered: frozenset[str]
    wanted: frozenset[str]


def vcpus(instance_type: str) -> int | None:
    """Of one instance, by its name: 4 an xlarge, in every G family. None for other families, which
    other quotas bound."""
    found = SIZE.match(instance_type)
    return VCPUS_OF_XLARGE * int(found["times"] or 1) if found else None


def quota(account: Account, purchase: str) -> float:
    """vCPUs that may run at once, on demand or as Spot. Raises AwsFailed."""
    code = {"ServiceCode": "ec2", "QuotaCode": QUOTAS[purchase]}
    try:
        found = account.ask("service-quotas", "get_service_quota", **code)
    except AwsFailed as error:
        # An account that never had another value has AWS's.
        if code_of(error) != "NoSuchResourceException":
            raise
        found = account.ask("service-quotas", "get_aws_default_service_quota", **code)
    return float(found["Quota"]["Value"])


def zones(account: Account, instance_type: str, deployed: Deployed | None) -> Zones:
    """Raises AwsFailed."""
    offered = frozenset(
        offer["Location"]
        for page in account.pages(
            "ec2",
            "describe_instance_type_offerings",
            LocationType="availability-zone",
            Filters=[{"Name": "instance-type", "Values": [instance_type]}],
        )
        for offer in page["InstanceTypeOfferings"]
    )
    return Zones(offered, _zones_of(account, deployed) if deployed else frozenset())


def has_image(account: Account, repository: str, tag: str) -> bool:
    """Whether the registry holds that tag. Raises AwsFailed."""
    try:
        found = account.ask(
            "ecr", "describe_images", repositoryName=repository, imageIds=[{"imageTag": tag}]
        )
    except AwsFailed as error:
        if code_of(error) in ("ImageNotFoundException", "RepositoryNotFoundException"):
            return False
        raise
    return bool(found["imageDetails"])


def _zones_of(account: Account, deployed: Deployed) -> frozenset[str]:
    names = [name for slot in SLOTS if (name := deployed.of(slot, "Group"))]
    if not names:
        return frozenset()
    answer = account.ask("autoscaling", "describe_auto_scaling_groups", AutoScalingGroupNames=names)
    return frozenset(zone for g in answer["AutoScalingGroups"] for zone in g["AvailabilityZones"])
