"""ELB: a function behind a target group: what it is sent, what it may answer, who may call it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from ministack.core.concurrency import run_reentrant
from ministack.core.responses import get_account_id, get_region
from ministack.services import alb, lambda_svc

from tests.emulator.extension import callers
from tests.emulator.extension.registry import Created, Properties, handler, replace

GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
PRINCIPAL = "elasticloadbalancing.amazonaws.com"
# A request's body, and the JSON of an answer.
LONGEST = 1024 * 1024
TEXT = ("text/", "application/json", "application/javascript", "application/xml")
Answer = tuple[int, dict[str, Any], bytes]


def install() -> None:
    alb._invoke_lambda_target = _invoke
    create, update = handler(GROUP, "create"), handler(GROUP, "update")

    def created(logical_id: str, properties: Properties, stack: str) -> Created:
        """MiniStack takes the targets of a template for none."""
        arn, attributes = create(logical_id, properties, stack)
        _set_targets(arn, properties)
        return arn, attributes

    def updated(
        physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str
    ) -> Created:
        arn, attributes = update(physical_id, old, new, stack, logical_id)
        if arn != physical_id or old.get("Targets") != new.get("Targets"):
            _set_targets(arn, new)
        return arn, attributes

    replace(GROUP, create=created, update=updated)


def _set_targets(arn: str, properties: Properties) -> None:
    targets = [{"Id": one["Id"]} for one in properties.get("Targets") or []]
    if properties.get("TargetType") == "lambda":
        refused = refusal(arn, targets)
        if refused:
            raise ValueError(refused)
        alb._targets[arn] = targets
        alb._tgs[arn].update(dict.fromkeys(("Protocol", "Port", "VpcId"), ""))


def refusal(group: str, targets: Sequence[Mapping[str, Any]]) -> str:
    """A function is registered only when its policy lets the load balancer call it."""
    if alb._tgs.get(group, {}).get("TargetType") != "lambda":
        return ""
    for target in targets:
        if not callers.may_call(target["Id"], PRINCIPAL, group):
            return (
                "elasticloadbalancing principal does not have permission to invoke "
                f"{target['Id']} from target group {group}"
            )
    return ""


async def _invoke(
    function: str,
    group: str,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    query: Mapping[str, Any],
    raw_query: str | None = None,
) -> Answer:
    """One event for a request. More than a megabyte is 413; an answer that is none, or a function
    that failed, is 502."""
    if len(body) > LONGEST:
        return _page(413)
    event = _event(group, method, path, headers, body, raw_query or "")
    found, configuration, _ = lambda_svc._get_func_record_for_ref_in_scope(
        function, account_id=get_account_id(), region=get_region()
    )
    if found is None or not callers.may_call(function, PRINCIPAL, group):
        return _page(502)
    record = lambda_svc._execution_record_for_config(found, configuration)
    done = await run_reentrant(
        lambda_svc._execute_function_with_config_scope, record, event, thread_name="alb-invoke"
    )
    return _page(502) if done.get("error") else _answer(done.get("body"))


def _event(
    group: str, method: str, path: str, headers: Mapping[str, str], body: bytes, query: str
) -> dict[str, Any]:
    """Names are in lower case, the last of equal parameters counts, nothing is decoded; a body
    that is no text by its type, or that is compressed, comes as base64."""
    names = {name.lower(): value for name, value in headers.items()}
    kind = names.get("content-type", "")
    plain = not body or (kind.startswith(TEXT) and "content-encoding" not in names)
    return {
        "requestContext": {"elb": {"targetGroupArn": group}},
        "httpMethod": method.upper(),
        "path": path,
        "queryStringParameters": dict(
            part.partition("=")[::2] for part in query.split("&") if part
        ),
        "headers": names,
        "body": body.decode("utf-8", "replace") if plain else base64.b64encode(body).decode(),
        "isBase64Encoded": not plain,
    }


def _answer(found: Any) -> Answer:
    """`statusCode` must be there; a body must be text, in base64 when it says so."""
    if not isinstance(found, Mapping) or not str(found.get("statusCode", "")).isdigit():
        return _page(502)
    headers = found.get("headers") or {}
    body = found.get("body") or ""
    if not isinstance(headers, Mapping) or not isinstance(body, str):
        return _page(502)
    if len(json.dumps(found, ensure_ascii=False)) > LONGEST:
        return _page(502)
    if not all(isinstance(value, str | int | bool) for value in headers.values()):
        return _page(502)
    try:
        raw = (
            base64.b64decode(body, validate=True) if found.get("isBase64Encoded") else body.encode()
        )
    except binascii.Error:
        return _page(502)
    told = {name: str(value) for name, value in headers.items()}
    told.setdefault("Content-Type", "application/octet-stream")
    return int(found["statusCode"]), told, raw


def _page(status: int) -> Answer:
    """The load balancer's own page."""
    title = f"{status} {HTTPStatus(status).phrase}"
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return status, {"Content-Type": "text/html"}, page.encode()
