"""A VPC that exists already."""

from __future__ import annotations

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from config.network import ExistingVpc
from stacks.parts.place import Place
from stacks.reasons import accept


def existing_place(
    scope: Construct, construct_id: str, *, existing: ExistingVpc, private: bool, internal: bool
) -> Place:
    """Its subnets: private ones for the instances, and for an internal load balancer, if asked."""
    vpc = ec2.Vpc.from_vpc_attributes(
        scope,
        construct_id,
        vpc_id=existing.vpc_id,
        availability_zones=list(existing.zones),
        public_subnet_ids=list(existing.public_subnet_ids) or None,
        private_subnet_ids=list(existing.private_subnet_ids) or None,
    )
    accept(
        vpc,
        "Nothing here adds routes to subnets that exist.",
        "Annotation::@aws-cdk/aws-ec2:noSubnetRouteTableId",
    )
    inside = internal and private
    return Place(
        vpc=vpc,
        instance_subnets=vpc.private_subnets if private else vpc.public_subnets,
        balancer_subnets=vpc.private_subnets if inside else vpc.public_subnets,
    )
