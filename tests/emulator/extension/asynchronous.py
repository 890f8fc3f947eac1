"""Lambda: an event is run until it succeeds or its retries are spent; then it is a dead letter."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.concurrency import spawn_background
from ministack.core.lambda_runtime import execution_credentials
from ministack.core.responses import get_account_id, get_region, new_uuid, request_scope
from ministack.services import lambda_svc, sns, sqs

# AWS waits a minute before the first retry and two before the second.
RETRY_SECONDS = (1, 2)
OLDEST_SECONDS = 6 * 3600
SENDS = {"sqs": "sqs:SendMessage", "sns": "sns:Publish"}
log = logging.getLogger("asynchronous")
_plain_event_config = lambda_svc._get_event_invoke_config


def install() -> None:
    lambda_svc.invoke_async_with_retry = run
    lambda_svc._get_event_invoke_config = _event_config


def _event_config(function: str, qualifier: str | None = None) -> Any:
    """Without a qualifier $LATEST is meant; a template always names one."""
    answered = _plain_event_config(function, qualifier)
    if answered[0] == 404 and not qualifier:
        return _plain_event_config(function, "$LATEST")
    return answered


def run(function: dict[str, Any], event: Any) -> None:
    """In the background. `function` is MiniStack's record."""
    configuration = function.get("config") or function
    account, region = lambda_svc._account_region_from_function_config(configuration)
    name = configuration["FunctionName"]
    spawn_background(_run, function, event, account, region, thread_name=f"async-{name[:20]}")


def invoke(arn: str, event: Any) -> bool:
    """As `InvocationType=Event`; False when there is no such function."""
    function, configuration, _ = lambda_svc._get_func_record_for_ref(arn)
    if function is None or configuration is None:
        log.error("The function %s does not exist.", arn)
        return False
    run(lambda_svc._execution_record_for_config(function, configuration), event)
    return True


def _run(function: dict[str, Any], event: Any, account: str, region: str) -> None:
    with request_scope(account, region):
        configuration = function.get("config") or function
        settings = _settings(function)
        retries = settings.get("MaximumRetryAttempts")
        oldest = int(settings.get("MaximumEventAgeInSeconds") or OLDEST_SECONDS)
        waits = RETRY_SECONDS[: len(RETRY_SECONDS) if retries is None else int(retries)]
        began, request, result = time.monotonic(), new_uuid(), {}
        for wait in (0, *waits):
            if time.monotonic() - began + wait > oldest:
                break
            time.sleep(wait)
            result = lambda_svc._execute_function(function, event)
            failed = bool(result.get("error"))
            lambda_svc._emit_lambda_metrics(configuration["FunctionName"], 0.0, failed, False)
            if not failed:
                return
        _give_up(configuration, settings, event, request, result)


def _settings(function: Mapping[str, Any]) -> Mapping[str, Any]:
    configured = function.get("event_invoke_configs") or {}
    found: Mapping[str, Any] = (
        function.get("event_invoke_config") or configured.get("$LATEST") or {}
    )
    return found


def _give_up(
    configuration: Mapping[str, Any],
    settings: Mapping[str, Any],
    event: Any,
    request: str,
    result: Mapping[str, Any],
) -> None:
    """A dead-letter queue gets the event itself, a destination MiniStack's account of it."""
    name = configuration["FunctionName"]
    destination = (settings.get("DestinationConfig") or {}).get("OnFailure", {}).get("Destination")
    if destination:
        lambda_svc._route_async_failure(destination, name, event, result)
    target = (configuration.get("DeadLetterConfig") or {}).get("TargetArn")
    if target and not deliver(target, event, _credentials(configuration), _why(request, result)):
        log.error("The dead letter of %s could not be delivered to %s.", name, target)


def _credentials(configuration: Mapping[str, Any]) -> str:
    return str(execution_credentials(dict(configuration))["AWS_ACCESS_KEY_ID"])


def _why(request: str, result: Mapping[str, Any]) -> dict[str, str]:
    body = result.get("body")
    message = body.get("errorMessage", "") if isinstance(body, Mapping) else str(body or "")
    return {"RequestID": request, "ErrorCode": "200", "ErrorMessage": str(message)[:1000]}


def deliver(target: str, event: Any, access_key: str, attributes: Mapping[str, str]) -> bool:
    """To a queue or a topic, if the holder of the key may send to it."""
    service = target.split(":")[2] if target.count(":") > 2 else ""
    action = SENDS.get(service)
    if action is None or iam_evaluator.enforce(
        access_key, action, service, get_region(), resource_arn=target
    ):
        return False
    body = json.dumps(event)
    told = {
        name: {"DataType": "String", "StringValue": value or "-"}
        for name, value in attributes.items()
    }
    if service == "sns":
        sns._fanout(target, new_uuid(), body, "", "", told)
        return True
    queue = sqs._queue_by_arn(target)
    if queue is None:
        return False
    url = sqs._queue_url_for_account(get_account_id(), target.rpartition(":")[2])
    sqs._act_send_message({"QueueUrl": url, "MessageBody": body, "MessageAttributes": told}, url)
    return True
