"""ELB: listener rules and target groups refuse what AWS refuses, in the API and in templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_region
from ministack.services import alb

from tests.emulator.extension.registry import Created, Properties, handler, replace
from tests.emulator.extension.resource_arns import access_key

Params = Mapping[str, Any]
RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
TAGGING = "elasticloadbalancing:AddTags"
LAST_PRIORITY = 50000


def install() -> None:
    actions = alb._ACTION_MAP
    for name, check in (
        ("CreateRule", _new_rule),
        ("ModifyRule", _known_rule),
        ("DeleteRule", _known_rule),
        ("DescribeRules", _described),
        ("DeleteTargetGroup", _unused),
        ("SetRulePriorities", _free_priorities),
    ):
        actions[name] = _checked(check, actions[name])
    plain = actions["DeleteLoadBalancer"]
    actions["DeleteLoadBalancer"] = lambda params: _with_listeners(params, plain)
    create, update = handler(RULE, "create"), handler(RULE, "update")

    def created(logical_id: str, properties: Properties, stack: str) -> Created:
        _require_free(properties["ListenerArn"], str(properties["Priority"]), "")
        arn, attributes = create(logical_id, properties, stack)
        alb._tags[arn] = [dict(tag) for tag in properties.get("Tags") or []]
        return arn, attributes

    def updated(
        physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str
    ) -> Created:
        _require_free(new["ListenerArn"], str(new["Priority"]), physical_id)
        made: Created = update(physical_id, old, new, stack, logical_id)
        return made

    replace(RULE, create=created, update=updated)
    delete = handler(GROUP, "delete")

    def deleted(physical_id: str, properties: Properties) -> None:
        refused = _used(physical_id)
        if refused:
            raise ValueError(refused)
        delete(physical_id, properties)

    replace(GROUP, delete=deleted)


def _checked(check: Callable[[Params], Any], plain: Callable[[Params], Any]) -> Any:
    def called(params: Params) -> Any:
        return check(params) or plain(params)

    return called


def _new_rule(params: Params) -> Any:
    """A priority is one rule's; to tag a rule is an action of its own."""
    listener, priority = alb._p(params, "ListenerArn"), alb._p(params, "Priority")
    if not priority.isdigit() or not 1 <= int(priority) <= LAST_PRIORITY:
        return alb._error("ValidationError", f"Priority '{priority}' is not from 1 to 50000.")
    if _taken(listener, priority, ""):
        return alb._error("PriorityInUse", f"Priority '{priority}' is currently in use")
    for action in alb._parse_actions(params, "Actions"):
        for group in (action.get("ForwardConfig") or {}).get("TargetGroups") or []:
            if group["TargetGroupArn"] not in alb._tgs:
                message = f"One or more target groups not found: {group['TargetGroupArn']}"
                return alb._error("TargetGroupNotFound", message)
    return _untagged(params, listener)


def _untagged(params: Params, listener: str) -> Any:
    """A refusal when the caller may not tag what it creates."""
    if not alb._parse_tags(params) or not access_key.get():
        return None
    tags = iam_actions.request_tag_context(
        "elasticloadbalancing", "elasticloadbalancing:CreateRule", b"", dict(params)
    )
    arn = listener.replace(":listener/", ":listener-rule/") + "/*"
    denied = iam_evaluator.enforce(
        access_key.get(),
        TAGGING,
        "elasticloadbalancing",
        get_region(),
        resource_arn=arn,
        service_context={**tags, "elasticloadbalancing:CreateAction": "CreateRule"},
    )
    if denied is None:
        return None
    message = f"The caller is not authorized to perform: {TAGGING} on resource: {arn}"
    return alb._error("AccessDenied", message, 403)


def _known_rule(params: Params) -> Any:
    arn = alb._p(params, "RuleArn")
    return None if arn in alb._rules else _no_rule(arn)


def _described(params: Params) -> Any:
    listener = alb._p(params, "ListenerArn")
    if listener and listener not in alb._listeners:
        return alb._error("ListenerNotFound", f"Listener '{listener}' not found.")
    named = alb._parse_member_list(params, "RuleArns")
    absent = [arn for arn in named if arn not in alb._rules]
    return _no_rule(absent[0]) if absent else None


def _no_rule(arn: str) -> Any:
    return alb._error("RuleNotFound", f"One or more rules not found: {arn}")


def _unused(params: Params) -> Any:
    refused = _used(alb._p(params, "TargetGroupArn"))
    return alb._error("ResourceInUse", refused) if refused else None


def _used(group: str) -> str:
    """Why a target group cannot go; empty when nothing forwards to it."""
    actions = [one["Actions"] for one in alb._rules.values()]
    actions += [one.get("DefaultActions") or [] for one in alb._listeners.values()]
    if group in alb._tgs and any(group in _groups(each) for each in actions):
        return f"Target group '{group}' is currently in use by a listener or a rule"
    return ""


def _groups(actions: list[Mapping[str, Any]]) -> set[str]:
    return {
        group["TargetGroupArn"]
        for action in actions
        for group in (action.get("ForwardConfig") or {}).get("TargetGroups") or [action]
        if group.get("TargetGroupArn")
    }


def _free_priorities(params: Params) -> Any:
    number, moved = 1, {}
    while arn := alb._p(params, f"RulePriorities.member.{number}.RuleArn"):
        moved[arn] = alb._p(params, f"RulePriorities.member.{number}.Priority")
        number += 1
    for arn, priority in moved.items():
        rule = alb._rules.get(arn)
        if rule is None:
            return _no_rule(arn)
        holders = set(_holders(rule["ListenerArn"], priority)) - set(moved)
        if holders:
            return alb._error("PriorityInUse", f"Priority '{priority}' is currently in use")
    return None


def _holders(listener: str, priority: str) -> list[str]:
    return [
        arn
        for arn, rule in alb._rules.items()
        if rule["ListenerArn"] == listener and str(rule["Priority"]) == priority
    ]


def _taken(listener: str, priority: str, own: str) -> bool:
    return any(arn != own for arn in _holders(listener, priority))


def _require_free(listener: str, priority: str, own: str) -> None:
    if _taken(listener, priority, own):
        raise ValueError(f"Priority '{priority}' is currently in use")


def _with_listeners(params: Params, plain: Callable[[Params], Any]) -> Any:
    """The listeners of a load balancer go with it, and their rules with them."""
    arn = alb._p(params, "LoadBalancerArn")
    for listener in [one for one, it in alb._listeners.items() if it["LoadBalancerArn"] == arn]:
        alb._delete_listener({"ListenerArn": [listener]})
    return plain(params)
