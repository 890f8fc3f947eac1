"""The controller's handler: who called, what they want, a look, the log."""

from __future__ import annotations

import json
import logging
import time
import uuid
from datetime import datetime
from typing import Any

from power.aws.cloud import AwsCloud
from power.aws.servers import ReachedServers
from power.aws.slots import Slots
from power.journal import LogJournal
from power.lifecycle import answer_deployment
from power.look import Controller, Plan
from power.memory import LIVE, Notice
from power.model import StopWish, Wish
from power.ports import Store, Unreachable
from power.quiet import is_quiet
from power.run import run
from power.settings import PowerSettings
from power.table import DynamoStore

log = logging.getLogger()
log.setLevel(logging.INFO)

# A sweep's looks end before the next sweep begins.
LOOK_SECONDS = 50.0
# Whoever brings news waits so long for a look under way to end.
PATIENT_SECONDS = 25.0
# What the last look may take, of the function's time.
MARGIN_SECONDS = 30.0
STOP_WISH_SECONDS = 12 * 3600.0
SPOT_NOTICE = "EC2 Spot Instance Interruption Warning"


class NotLooked(Exception):
    """AWS did not answer: the invocation fails, so that it is counted and tried again."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One invocation. Raises NotLooked when the look could not be finished."""
    if "RequestType" in event:
        return answer_deployment(event, made)
    controller, _, store = made()
    began = time.time()
    source = str(event.get("source", "unknown"))
    try:
        news = note(event, store, began)
        remaining = context.get_remaining_time_in_millis() / 1000
        looked = run(
            controller,
            store,
            owner=uuid.uuid4().hex,
            clock=time.time,
            pause=time.sleep,
            # A deploy waits for one look; whoever else called waits for nothing.
            until=began
            + (0 if source == "deploy" else min(LOOK_SECONDS, remaining - MARGIN_SECONDS)),
            patient_until=began + (PATIENT_SECONDS if news else 0.0),
        )
    except Unreachable as error:
        log.exception(json.dumps({"message": "look failed", "source": source, "why": str(error)}))
        raise NotLooked(str(error)) from None
    log.info(json.dumps({"message": "looked", "source": source, "looked": looked}))
    return {"looked": looked}


def made() -> tuple[Controller, AwsCloud, DynamoStore]:
    """Everything as the environment says. Raises KeyError or ValueError where that is wrong."""
    settings = PowerSettings.from_env()
    store = DynamoStore(settings.table)
    slots = Slots(settings)
    servers = ReachedServers(settings, slots)
    cloud = AwsCloud(settings, slots, servers)
    journal = LogJournal(settings.namespace)
    plan = plan_of(settings)
    return Controller(cloud, servers, store, plan, clock=time.time, journal=journal), cloud, store


def plan_of(settings: PowerSettings) -> Plan:
    return Plan(
        policy=settings.policy,
        prices={name: (s.price, s.on_demand_price) for name, s in settings.slots.items()},
        spot={name: s.spot for name, s in settings.slots.items()},
        quiet=lambda now: is_quiet(settings.quiet, settings.zone, now),
    )


def note(event: dict[str, Any], store: Store, now: float) -> bool:
    """Write down what the event says; whether it says anything that a sweep does not."""
    at = min(now, _scheduled(event, now))
    match event:
        case {"source": "schedule", "action": "start"}:
            store.put_wish(LIVE, Wish(at, "schedule", "the working day begins", urgent=True))
        case {"source": "schedule", "action": "stop"}:
            pause = 60 * float(event.get("quiet_minutes", 3))
            stop = StopWish(at, "schedule", at + STOP_WISH_SECONDS, "schedule", pause)
            store.put_stop_wish(LIVE, stop)
        case {"detail-type": detail, "detail": {"instance-id": instance}}:
            if detail == SPOT_NOTICE:
                store.put_notice(Notice(str(instance), now))
        case {"source": "sweep"}:
            return False
    return True


def _scheduled(event: dict[str, Any], now: float) -> float:
    """When the schedule meant it: a delivery that is tried again is no newer for that."""
    try:
        return datetime.fromisoformat(str(event["at"]).replace("Z", "+00:00")).timestamp()
    except (KeyError, ValueError):
        return now
