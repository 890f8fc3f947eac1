"""EventBridge Scheduler: time zones, the schedule's role, and its dead-letter queue."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region, new_uuid, request_scope
from ministack.services import eventbridge, iam, scheduler, sts
from ministack.services.cloudformation import provisioners

from tests.emulator.extension import asynchronous
from tests.emulator.extension.registry import (
    Created,
    Properties,
    answer,
    handler,
    physical_name,
    replace,
)

SCHEDULE = "AWS::Scheduler::Schedule"
PRINCIPAL = "scheduler.amazonaws.com"
TICK_SECONDS = 1
Schedule = Mapping[str, Any]
log = logging.getLogger("schedules")
_fired: dict[tuple[str, str, str], float] = {}  # account, region, key -> when it was last due


def install() -> None:
    scheduler._SCHEDULE_TICK_INTERVAL = TICK_SECONDS
    scheduler._tick_schedules = _tick
    delete = handler(SCHEDULE, "delete")

    def updated(
        physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str
    ) -> Created:
        """Its name and group are fixed; the rest changes in place."""
        if (old.get("Name"), old.get("GroupName")) != (new.get("Name"), new.get("GroupName")):
            made = _create(logical_id, new, stack)
            provisioners._delete_predecessor(delete, physical_id, old)
            return made
        answer(scheduler._update_schedule(physical_id, dict(new)))
        return physical_id, _attributes(physical_id, new)

    replace(SCHEDULE, create=_create, update=updated)


def _create(logical_id: str, properties: Properties, stack: str) -> Created:
    """With all that the template says; MiniStack keeps six of its properties."""
    name = properties.get("Name") or physical_name(stack, logical_id, 64)
    answer(scheduler._create_schedule(name, dict(properties)))
    return name, _attributes(name, properties)


def _attributes(name: str, properties: Properties) -> dict[str, str]:
    return {"Arn": scheduler._schedule_arn(properties.get("GroupName", "default"), name)}


def _tick() -> None:
    now = time.time()
    for place, schedule in list(scheduler._schedules._data.items()):
        account, region, _ = place
        since = max(_fired.get(place, 0.0), float(schedule["LastModificationDate"]))
        if schedule["State"] != "ENABLED" or not due(schedule, since, now, place in _fired):
            continue
        _fired[place] = now
        with request_scope(account, region):
            _fire(schedule)


def due(schedule: Schedule, since: float, now: float, fired: bool) -> bool:
    """Whether a moment of the schedule lies between the last look and now."""
    begin, end = (scheduler._to_epoch(schedule.get(name)) for name in ("StartDate", "EndDate"))
    if (begin and now < begin) or (end and now > end):
        return False
    expression, zone = (
        schedule["ScheduleExpression"],
        ZoneInfo(schedule["ScheduleExpressionTimezone"]),
    )
    if expression.startswith("at("):
        at = datetime.fromisoformat(expression[3:-1]).replace(tzinfo=zone).timestamp()
        return not fired and at <= now
    every = eventbridge._parse_rate_seconds(expression)
    if every is not None:
        return bool(now - since >= every)
    fields = eventbridge._parse_cron_fields(expression)
    if fields is None:
        return False
    # Cron walks the wall clock of the zone, which it takes for UTC.
    wall = datetime.fromtimestamp(since, zone).replace(tzinfo=UTC) - timedelta(minutes=1)
    while (following := eventbridge._cron_next_fire(fields, wall)) is not None:
        moment = following.replace(tzinfo=zone).timestamp()
        if moment > since:
            return bool(moment <= now)
        wall = following
    return False


def _fire(schedule: Schedule) -> None:
    """Under the schedule's role; what cannot be delivered goes to its dead-letter queue."""
    target = schedule["Target"]
    event = json.loads(target["Input"]) if target.get("Input") else _plain_event(schedule)
    key = _session(target["RoleArn"])
    allowed = key and not iam_evaluator.enforce(
        key, "lambda:InvokeFunction", "lambda", get_region(), resource_arn=target["Arn"]
    )
    if allowed and asynchronous.invoke(target["Arn"], event):
        return
    log.error("The schedule %s could not invoke %s.", schedule["Name"], target["Arn"])
    letters = (target.get("DeadLetterConfig") or {}).get("Arn")
    if letters and key:
        why = {"ERROR_CODE": "AWS.Scheduler.InvocationFailed", "TARGET_ARN": target["Arn"]}
        asynchronous.deliver(letters, event, key, why)


def _session(role: str) -> str:
    """The access key of a session of the role; empty when the scheduler may not assume it."""
    name = role.rpartition("/")[2]
    record = iam._roles.get(name)
    document = (record or {}).get("AssumeRolePolicyDocument") or "{}"
    trust = json.loads(document) if isinstance(document, str) else document
    services: set[str] = set()
    for statement in trust.get("Statement", []):
        named = (statement.get("Principal") or {}).get("Service", [])
        services |= {named} if isinstance(named, str) else set(named)
    if PRINCIPAL not in services:
        return ""
    key = f"ASIA{new_uuid().replace('-', '')[:16].upper()}"
    arn = f"arn:aws:sts::{get_account_id()}:assumed-role/{name}/scheduler"
    session = {"Arn": arn, "UserId": f"{name}:scheduler", "SecretAccessKey": new_uuid()}
    sts.register_session(key, session)
    return key


def _plain_event(schedule: Schedule) -> dict[str, Any]:
    return {
        "version": "0",
        "id": new_uuid(),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": get_account_id(),
        "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "region": get_region(),
        "resources": [schedule["Arn"]],
        "detail": "{}",
    }
