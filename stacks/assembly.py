"""All stacks of one environment, in their order."""

from __future__ import annotations

import aws_cdk as cdk

from config.network import ExistingVpc
from config.release import Release
from config.settings import Settings
from stacks.names import Naming
from stacks.network import NetworkStack
from stacks.operations import OperationsStack
from stacks.parts.place import Place
from stacks.power import PowerStack
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
    # What a first deploy that fails has made must go, or its names stand in the way of the next.
    keep = cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
    removal = keep if settings.retain_data else cdk.RemovalPolicy.DESTROY
    place: Place | ExistingVpc
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
    else:
        place = settings.network.existing
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
    power = PowerStack(
        app,
        naming.stack("Power"),
        env=env,
        naming=naming,
        settings=settings,
        place=service.place,
        cluster=service.cluster,
        listener=service.front_door.listener,
        balancer=service.front_door.balancer.load_balancer_full_name,
        slots={str(name): slot for name, slot in service.slots.items()},
        capacities={str(name): each for name, each in service.capacities.items()},
        keys=service.keys,
        results=service.results,
        cors_origins=service.cors_origins,
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
        dead_letters=power.dead_letters.queue_name,
        alarms=settings.alarms,
        start_minutes=settings.servers.start_minutes,
        prices={slot: each.price_per_hour for slot, each in service.capacities.items()},
    )
    for stack in app.node.children:
        if isinstance(stack, cdk.Stack):
            stack.termination_protection = settings.deletion_protection
    cdk.Tags.of(app).add("project", "gpu-voice")
    cdk.Tags.of(app).add("environment", environment)
    check_everything(app)
    return service


def warn_without_record(service: ServiceStack, environment: str) -> None:
    """What a plain `cdk deploy` cannot know: whether callers depend on what is there."""
    cdk.Annotations.of(service).add_warning_v2(
        "gpu-voice:no-record",
        f"There is no record of what is deployed in {environment}, so its live slot is not guarded "
        f"and new services would start. Use make deploy ENV={environment}: it fetches the record, "
        "or makes the first deploy.",
    )
