"""EventBridge: rules call functions as AWS does, and root may say what AWS itself would say."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from ministack.core.iam_evaluator import is_root_access_key
from ministack.services import eventbridge

from tests.emulator.extension import asynchronous, callers
from tests.emulator.extension.resource_arns import access_key

PRINCIPAL = "events.amazonaws.com"
TICK_SECONDS = 1
log = logging.getLogger("events")
# The rule whose targets are called now.
_rule: ContextVar[str] = ContextVar("rule", default="")
_plain_target = eventbridge._invoke_target
_plain_put = eventbridge._put_events


def install() -> None:
    eventbridge._SCHEDULER_TICK_INTERVAL = TICK_SECONDS
    eventbridge._invoke_target = _target
    eventbridge._dispatch_to_lambda = _call
    eventbridge._put_events = _put


def _put(data: Mapping[str, Any], allow_aws_source: bool = False) -> Any:
    """Nobody may put an event of a source `aws.*`; root stands in for AWS here, so that a run can
    announce what no emulated part does by itself."""
    return _plain_put(data, allow_aws_source or is_root_access_key(access_key.get()))


def _target(
    target: Mapping[str, Any], event: Any, rule: Mapping[str, Any], view: Any = None
) -> Any:
    token = _rule.set(str(rule.get("Arn", "")))
    try:
        return _plain_target(target, event, rule, view)
    finally:
        _rule.reset(token)


def _call(function: str, payload: str) -> None:
    """Asynchronously, with Lambda's own retries; without the function's permission nothing."""
    if not callers.may_call(function, PRINCIPAL, _rule.get()):
        log.error("The rule %s may not invoke %s.", _rule.get(), function)
        return
    asynchronous.invoke(function, json.loads(payload))
