"""Which slot a call reaches: the live one by weight, the idle one by a header."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from stacks.names import LIVE_PRIORITY, SERVERS, SLOT_HEADER, STAGING_PRIORITY
from stacks.parts.slot import Slot


class Routes(Construct):
    """Two rules for each server. Both slots stand in each rule, so that a swap changes weights and
    nothing else."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        listener: elbv2.IApplicationListener,
        slots: Mapping[str, Slot],
        live_weights: Mapping[str, int],
        staging_weights: Mapping[str, int],
    ) -> None:
        super().__init__(scope, construct_id)
        for order, server in enumerate(SERVERS):
            paths = elbv2.ListenerCondition.path_patterns([f"/{server}", f"/{server}/*"])
            staged = elbv2.ListenerCondition.http_header(SLOT_HEADER, ["idle"])
            groups = {name: slot.target_groups[server] for name, slot in slots.items()}
            elbv2.ApplicationListenerRule(
                self,
                f"Staging{server.capitalize()}",
                listener=listener,
                priority=STAGING_PRIORITY + order,
                conditions=[paths, staged],
                action=_forward(groups, staging_weights),
            )
            elbv2.ApplicationListenerRule(
                self,
                f"Live{server.capitalize()}",
                listener=listener,
                priority=LIVE_PRIORITY + order,
                conditions=[paths],
                action=_forward(groups, live_weights),
            )


def _forward(
    groups: Mapping[str, elbv2.IApplicationTargetGroup], weights: Mapping[str, int]
) -> elbv2.ListenerAction:
    return elbv2.ListenerAction.weighted_forward(
        [
            elbv2.WeightedTargetGroup(target_group=group, weight=weights[name])
            for name, group in groups.items()
        ]
    )
