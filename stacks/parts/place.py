"""Where in a network things are put."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_ec2 as ec2


@dataclass(frozen=True)
class Place:
    """A VPC with the subnets for GPU instances and those for the load balancer."""

    vpc: ec2.IVpc
    instance_subnets: Sequence[ec2.ISubnet]
    balancer_subnets: Sequence[ec2.ISubnet]
