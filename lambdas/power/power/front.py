"""The front function: answers `/power` always, and a slot's callers while it sleeps.

It turns nothing on or off itself: it writes down what is wanted and has the controller look.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from functools import cache, cached_property
from typing import Any

from power import api, sleeping
from power.alb import Answer, Request, request_of, response_of
from power.answers import FAULT, Refused, later, refusal
from power.cors import cors_headers
from power.desk import Desk, wake_by
from power.key_cache import KeyCache, NoKeys
from power.keys import Key
from power.openai import as_openai, of_openai
from power.ports import Unreachable
from power.settings import PowerSettings
from power.signing import ResultLinks
from power.table import DynamoStore

log = logging.getLogger()
log.setLevel(logging.INFO)

# Of a path in the log: an id may be in it, a text not.
SHOWN_PATH = 120
KEYS_MISSING = "The keys cannot be fetched at the moment. Try again in a moment."
TABLE_MISSING = (
    "The GPU's state cannot be read or written at the moment: the table does not answer. Try again "
    "in a moment."
)


class Front:
    def __init__(self, settings: PowerSettings, clock: Callable[[], float] = time.time) -> None:
        self.settings = settings
        secrets = (settings.keys_secret, settings.service_key_secret)
        self.desk = Desk(
            settings,
            DynamoStore(settings.table, clock),
            KeyCache(*secrets, minutes=settings.keys_minutes, clock=clock),
            wake=wake_by(settings.controller),
            clock=clock,
        )

    def answer(self, request: Request, key: Key | None) -> Answer:
        """Raises Refused, Unreachable or NoKeys."""
        if api.of_power(request.path):
            return api.answer(self.desk, request, key)
        if sleeping.of_a_server(request.path):
            return sleeping.answer(self.desk, request, key, lambda: self._links)
        raise Refused(404, "There is no such path here.")

    @cached_property
    def _links(self) -> ResultLinks | None:
        """Made when it is needed: S3's client takes a good part of a second."""
        bucket = self.settings.results_bucket
        return ResultLinks(bucket, self.settings.results_url_minutes) if bucket else None


@cache
def front() -> Front:
    """Made once for all invocations of this process."""
    return Front(PowerSettings.from_env())


def handler(event: object, context: object) -> dict[str, Any]:
    """One call, as the load balancer hands it over."""
    request = request_of(event)
    answer, key = _answered(request)
    if answer.status >= 400 and of_openai(request.path):
        answer = as_openai(answer)
    headers = {
        **answer.headers,
        **cors_headers(request, _origins()),
        "X-Request-Id": request.id,
    }
    _log(request, key, answer)
    return response_of(Answer(answer.status, answer.body, headers), request.method)


def _answered(request: Request) -> tuple[Answer, str]:
    """The answer and the name of the key, for the log."""
    name = ""
    try:
        if request.method == "OPTIONS":
            return Answer(204), name
        key = front().desk.caller(request)
        name = key.name if key is not None else ""
        return front().answer(request, key), name
    except Refused as refused:
        return refused.answer, name
    except NoKeys:
        return refusal(503, KEYS_MISSING, later(5)), name
    except Unreachable as error:
        log.warning(json.dumps({"message": "table not reached", "why": str(error)}))
        return refusal(503, TABLE_MISSING, later(10)), name
    except Exception:
        log.exception(json.dumps({"message": "call failed", "request_id": request.id}))
        return refusal(500, FAULT), name


def _origins() -> tuple[str, ...]:
    try:
        return front().settings.cors_origins
    except Exception:
        return ()  # the front could not be made; the log says why


def _log(request: Request, key: str, answer: Answer) -> None:
    line = {
        "message": "call",
        "request_id": request.id,
        "method": request.method[:20],
        "path": request.path[:SHOWN_PATH],
        "key": key,
        "status": answer.status,
        "state": answer.state,
    }
    log.info(json.dumps(line))
