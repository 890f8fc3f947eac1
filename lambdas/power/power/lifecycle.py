"""The stack's custom resource: our listener rules are there when a deploy ends, and gone before the
target group that they lead to is deleted."""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable
from typing import Any, Protocol
from urllib.request import Request, urlopen

from power.look import Controller
from power.ports import Store, Unreachable
from power.run import run

log = logging.getLogger()

RESOURCE_ID = "sleep-rules"
SECONDS = 80.0
PAUSE_SECONDS = 2.0
ANSWER_SECONDS = 10.0


class OwnRules(Protocol):
    def drop_all_rules(self) -> None: ...


class Retirable(Store, Protocol):
    def retire(self) -> None: ...

    def unretire(self) -> None: ...


def answer_deployment(
    event: dict[str, Any], make: Callable[[], tuple[Controller, OwnRules, Retirable]]
) -> dict[str, Any]:
    """Do what CloudFormation asks for and answer it, whatever happens."""
    status, reason = "SUCCESS", ""
    try:
        controller, rules, store = make()
        if event["RequestType"] == "Delete":
            _retire(rules, store)
        else:
            store.unretire()
            _look(controller, store)
    except Exception as error:
        log.exception(json.dumps({"message": "deployment", "request": event["RequestType"]}))
        status, reason = "FAILED", f"{type(error).__name__}: {error}. The function's log has more."
    _answer(event, status, reason)
    return {"status": status}


def _retire(rules: OwnRules, store: Retirable) -> None:
    """No look that begins from now on makes a rule; one under way is waited for."""
    store.retire()
    owner, end = uuid.uuid4().hex, time.time() + SECONDS
    while not store.lock(owner, time.time(), SECONDS) and time.time() < end:
        time.sleep(PAUSE_SECONDS)
    rules.drop_all_rules()
    store.unlock(owner)


def _look(controller: Controller, store: Store) -> None:
    """Once, and again where AWS does not answer yet: rights take some seconds to hold."""
    end = time.time() + SECONDS
    while True:
        try:
            looked = run(
                controller,
                store,
                owner=uuid.uuid4().hex,
                clock=time.time,
                pause=time.sleep,
                until=0.0,
                patient_until=end,
            )
        except Unreachable:
            if time.time() >= end:
                raise
            time.sleep(PAUSE_SECONDS)
            continue
        if not looked:
            raise Unreachable("another look has not ended")
        return


def _answer(event: dict[str, Any], status: str, reason: str) -> None:
    body = json.dumps(
        {
            "Status": status,
            "Reason": reason or "done",
            "PhysicalResourceId": event.get("PhysicalResourceId", RESOURCE_ID),
            "StackId": event["StackId"],
            "RequestId": event["RequestId"],
            "LogicalResourceId": event["LogicalResourceId"],
        }
    ).encode()
    request = Request(  # noqa: S310 - CloudFormation's own address
        event["ResponseURL"], data=body, method="PUT", headers={"Content-Type": ""}
    )
    with urlopen(request, timeout=ANSWER_SECONDS):  # noqa: S310
        pass
