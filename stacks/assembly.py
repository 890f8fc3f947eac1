"""All stacks of one environment, in their order."""

from __future__ import annotations

import aws_cdk as cdk

from config.release import Release
from config.settings import Settings
from stacks.names import Naming
from stacks.network import NetworkStack
from stacks.operations import OperationsStack
from stacks.reasons import check_everything
from stacks.service import ServiceStack


def build(
    app: cdk.App, environment: str, settings: Settings, release: Release, *, first_deploy: bool
) -> ServiceStack:
    """Add the stacks to the app; the service stack is returned.

    With an existing VPC there is no network stack.
    """
    naming = Naming(environment)
    env = cdk.Environment(account=settings.account, region=settings.region)
    removal = cdk.RemovalPolicy.RETAIN if settings.retain_data else cdk.RemovalPolicy.DESTROY
    place = None
    if settings.network.existing is None:
        place = NetworkStack(
            app,
            naming.stack("Network"),
            env=env,
            network=settings.network,
            internal=settings.front_door.internal,
            log_name=naming.logs("network"),
            removal=removal,
        ).net.place
    service = ServiceStack(
        app,
        naming.stack("Service"),
        env=env,
        naming=naming,
        settings=settings,
        release=release,
        place=place,
        first_deploy=first_deploy,
        removal=removal,
    )
    OperationsStack(
        app,
        naming.stack("Operations"),
        env=env,
        naming=naming,
        groups={
            name: slot.capacity.group.auto_scaling_group_name
            for name, slot in service.slots.items()
        },
        balancer=service.front_door.balancer.load_balancer_full_name,
        alarms=settings.alarms,
        start_minutes=settings.servers.start_minutes,
        price_per_hour=settings.capacity.price_per_hour,
    )
    cdk.Tags.of(app).add("project", "gpu-voice")
    cdk.Tags.of(app).add("environment", environment)
    check_everything(app)
    return service
