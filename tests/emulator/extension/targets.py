"""ELB: full names of target groups, what a target is and where, attributes of new listeners,
error pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.services import alb, ec2
from ministack.services.cloudformation import provisioners

from tests.emulator.extension.lambda_targets import refusal
from tests.emulator.extension.registry import Created, Properties, handler, replace

LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
PAGES = {502: "502 Bad Gateway", 503: "503 Service Temporarily Unavailable"}
_plain_full_name = alb._target_group_full_name_from_arn
_plain_forward = alb._forward_to_tg
_plain_proxy = alb._proxy_http_target


def install() -> None:
    alb._target_group_full_name_from_arn = _full_name
    alb._register_targets = alb._ACTION_MAP["RegisterTargets"] = _register
    alb._deregister_targets = alb._ACTION_MAP["DeregisterTargets"] = _deregister
    alb._forward_to_tg = _forward
    alb._proxy_http_target = _proxy
    create = handler(LISTENER, "create")

    def created(logical_id: str, properties: Properties, stack: str) -> Created:
        """MiniStack applies ListenerAttributes on updates only."""
        arn, attributes = create(logical_id, properties, stack)
        store = alb._listener_attrs.setdefault(arn, [])
        provisioners._elbv2_merge_attributes(store, properties.get("ListenerAttributes"))
        return arn, attributes

    replace(LISTENER, create=created)


def _full_name(arn: str) -> str:
    """`targetgroup/NAME/ID`, which metrics have as their dimension; MiniStack drops the prefix."""
    return f"targetgroup/{_plain_full_name(arn)}"


def _register(params: Mapping[str, Any]) -> Any:
    """A target is an id with a port; MiniStack ignores a second port of the same id."""
    group = alb._p(params, "TargetGroupArn")
    if group not in alb._tgs:
        return alb._error("TargetGroupNotFound", f"Target group '{group}' not found.")
    given = alb._parse_targets_param(params)
    refused = refusal(group, given)
    if refused:
        return alb._error("AccessDenied", refused, 403)
    known = alb._targets.get(group, [])
    fresh = [target for target in given if target not in known]
    alb._targets[group] = known + fresh
    return alb._empty("RegisterTargets")


def _deregister(params: Mapping[str, Any]) -> Any:
    group = alb._p(params, "TargetGroupArn")
    if group not in alb._tgs:
        return alb._error("TargetGroupNotFound", f"Target group '{group}' not found.")
    gone = alb._parse_targets_param(params)
    whole = {target["Id"] for target in gone if not target.get("Port")}
    alb._targets[group] = [
        target
        for target in alb._targets.get(group, [])
        if target not in gone and target["Id"] not in whole
    ]
    return alb._empty("DeregisterTargets")


async def _forward(
    group: str,
    method: str,
    path: str,
    headers: Any,
    body: Any,
    query: Any,
    raw_query_string: str | None = None,
    raw_path: str | None = None,
) -> Any:
    """The load balancer's own 502 and 503 are HTML pages, not JSON. A function's are its own, and
    it is told the path as it was sent."""
    function = alb._tgs.get(group, {}).get("TargetType") == "lambda" and alb._targets.get(group)
    seen = raw_path if function and raw_path else path
    status, headers, body = await _plain_forward(
        group, method, seen, headers, body, query, raw_query_string, raw_path
    )
    own = isinstance(body, bytes) and status in PAGES
    if not own or function:
        return status, headers, body
    title = PAGES[status]
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return status, {"Content-Type": "text/html"}, page.encode()


async def _proxy(target: Mapping[str, Any], *rest: Any, **named: Any) -> Any:
    """A target that is an instance is reached at the instance's address."""
    instance = ec2._instances.get(target["Id"])
    address = instance["PrivateIpAddress"] if instance else target["Id"]
    return await _plain_proxy({**target, "Id": address}, *rest, **named)
