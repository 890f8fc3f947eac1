"""The operations stack on its own, as a template."""

from __future__ import annotations

from functools import cache

import aws_cdk as cdk
from aws_cdk.assertions import Template

from config.alarms import AlarmsSettings
from stacks.names import Naming
from stacks.operations import OperationsStack


@cache
def operations_template() -> Template:
    stack = OperationsStack(
        cdk.App(),
        "Operations",
        env=cdk.Environment(region="us-east-1"),
        naming=Naming("dev"),
        groups={"blue": "blue", "green": "green"},
        balancer="app/x/y",
        dead_letters="letters",
        alarms=AlarmsSettings(),
        start_minutes=20,
        prices={"blue": 0.526, "green": 0.526},
    )
    return Template.from_stack(stack)
