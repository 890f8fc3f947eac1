"""What the commands and people look up."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk

from config.release import SlotName
from stacks.parts.slot import Slot


def outputs(stack: cdk.Stack, values: Mapping[str, str], slots: Mapping[SlotName, Slot]) -> None:
    """Outputs of the stack: these, and the service and group of each slot."""
    named = dict(values)
    for colour, slot in slots.items():
        named[f"{colour.capitalize()}Service"] = slot.service.service_name
        named[f"{colour.capitalize()}Group"] = slot.capacity.group.auto_scaling_group_name
    for name, value in named.items():
        cdk.CfnOutput(stack, name, value=value)
