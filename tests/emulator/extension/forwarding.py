"""ELB: forward actions with several target groups, each with a weight."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from ministack.services import alb
from ministack.services.cloudformation import provisioners

_plain_parse = alb._parse_actions
_plain_xml = alb._action_xml
_plain_from_template = provisioners._elbv2_listener_actions
_plain_execute = alb._execute_actions


def install() -> None:
    alb._parse_actions = _parse
    alb._action_xml = _xml
    alb._execute_actions = _execute
    provisioners._elbv2_listener_actions = _from_template


def _parse(params: Mapping[str, Any], prefix: str = "DefaultActions") -> list[dict[str, Any]]:
    """What CreateRule, ModifyRule and the listener calls are given."""
    actions: list[dict[str, Any]] = _plain_parse(params, prefix)
    for number, action in enumerate(actions, 1):
        at = f"{prefix}.member.{number}.ForwardConfig.TargetGroups.member"
        groups: list[dict[str, Any]] = []
        while arn := alb._p(params, f"{at}.{len(groups) + 1}.TargetGroupArn"):
            weight = alb._p(params, f"{at}.{len(groups) + 1}.Weight") or 1
            groups.append({"TargetGroupArn": arn, "Weight": int(weight)})
        _set_groups(action, groups)
    return actions


def _from_template(
    properties: Mapping[str, Any], lb_arn: str | None, prop: str = "DefaultActions"
) -> list[dict[str, Any]]:
    actions: list[dict[str, Any]] = _plain_from_template(properties, lb_arn, prop)
    for action, given in zip(actions, properties.get(prop) or [], strict=True):
        groups = [
            {"TargetGroupArn": group["TargetGroupArn"], "Weight": int(group.get("Weight", 1))}
            for group in (given.get("ForwardConfig") or {}).get("TargetGroups") or []
        ]
        _set_groups(action, groups)
    listener = alb._listeners.get(properties.get("ListenerArn"))
    _attach(actions, lb_arn or (listener or {}).get("LoadBalancerArn"))
    return actions


def _set_groups(action: dict[str, Any], groups: Sequence[dict[str, Any]]) -> None:
    """A forward to one group is described both ways, to several in ForwardConfig alone."""
    if action["Type"] != "forward":
        return
    if not groups and action.get("TargetGroupArn"):
        groups = [{"TargetGroupArn": action["TargetGroupArn"], "Weight": 1}]
    action["ForwardConfig"] = {"TargetGroups": list(groups)}
    action.pop("TargetGroupArn", None)
    if len(groups) == 1:
        action["TargetGroupArn"] = groups[0]["TargetGroupArn"]


def _attach(actions: Sequence[Mapping[str, Any]], lb_arn: str | None) -> None:
    """A group that a rule names belongs to the rule's load balancer."""
    for action in actions:
        for group in (action.get("ForwardConfig") or {}).get("TargetGroups") or []:
            record = alb._tgs.get(group["TargetGroupArn"])
            if record is None:
                raise ValueError(f"Target groups '{group['TargetGroupArn']}' not found")
            if lb_arn and lb_arn not in record["LoadBalancerArns"]:
                record["LoadBalancerArns"].append(lb_arn)


def _xml(action: Mapping[str, Any]) -> str:
    plain: str = _plain_xml(action)
    groups = "".join(
        f"<member><TargetGroupArn>{group['TargetGroupArn']}</TargetGroupArn>"
        f"<Weight>{group['Weight']}</Weight></member>"
        for group in (action.get("ForwardConfig") or {}).get("TargetGroups") or []
    )
    if not groups:
        return plain
    config = (
        f"<ForwardConfig><TargetGroups>{groups}</TargetGroups><TargetGroupStickinessConfig>"
        "<Enabled>false</Enabled></TargetGroupStickinessConfig></ForwardConfig>"
    )
    return plain.removesuffix("</member>") + config + "</member>"


async def _execute(actions: Sequence[Mapping[str, Any]], *rest: Any, **named: Any) -> Any:
    """Each request goes to one group, drawn by weight; MiniStack takes the first or none."""
    return await _plain_execute([_drawn(action) for action in actions], *rest, **named)


def _drawn(action: Mapping[str, Any]) -> Mapping[str, Any]:
    groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
    weights = [group["Weight"] for group in groups]
    if not any(weights):
        return action
    (chosen,) = random.choices(groups, weights)
    return {**action, "TargetGroupArn": chosen["TargetGroupArn"]}
