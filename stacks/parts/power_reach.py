"""The function inside the VPC: it calls the servers of a slot, and may do nothing else."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from stacks.names import SERVERS
from stacks.parts.functions import Inside, small_function
from stacks.parts.place import Place
from stacks.parts.slot import Slot


class PowerReach(Construct):
    """The load balancer does not lead to a slot that sleeps or stops; the VPC does.

    It has an interface, its logs, and a way to the ports of the servers.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        place: Place,
        slots: Mapping[str, Slot],
        log_name: str,
        log_days: int,
        removal: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        firewall = ec2.SecurityGroup(
            self,
            "Firewall",
            vpc=place.vpc,
            allow_all_outbound=False,
            description="Out to the ports of the servers only",
        )
        self.function = small_function(
            self,
            "Function",
            folder="power",
            handler="power.reach.handler",
            description="Asks the servers of a slot for the power controller.",
            log_name=log_name,
            log_days=log_days,
            removal=removal,
            timeout_seconds=20,
            no_dead_letters="The controller calls it and waits for the answer.",
            inside=Inside(place.vpc, place.instance_subnets, firewall),
        )
        first, last = min(SERVERS.values()), max(SERVERS.values())
        for slot in slots.values():
            # Both rules belong to this stack: nothing of a slot changes by them.
            firewall.connections.allow_to(
                slot.capacity.security_group, ec2.Port.tcp_range(first, last), "the servers"
            )
