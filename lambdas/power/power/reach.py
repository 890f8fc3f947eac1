"""The function inside the VPC: calls the servers for the controller, and can do nothing else.

Event: {"key": SERVICE KEY, "calls": [{"server", "method", "url", "body"}]}. Answer: a list of
{"server", "status", "body"}, or {"server", "error"} for a server that did not answer.
"""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

log = logging.getLogger()
log.setLevel(logging.INFO)

SECONDS = 6.0
MOST_BYTES = 64 * 1024
_opener = build_opener(ProxyHandler({}))


def handler(event: dict[str, Any], context: object) -> list[dict[str, Any]]:
    calls = event["calls"]
    if not calls:
        return []
    with ThreadPoolExecutor(len(calls)) as pool:
        answers = list(pool.map(lambda call: _answer(call, event["key"]), calls))
    log.info(json.dumps({"message": "servers called", "calls": [_short(one) for one in answers]}))
    return answers


def _answer(call: dict[str, Any], key: str) -> dict[str, Any]:
    body = None if call["body"] is None else json.dumps(call["body"]).encode()
    request = Request(  # noqa: S310 - the controller writes the address, always http://
        call["url"],
        data=body,
        method=call["method"],
        headers={
            "X-API-Key": key,
            "X-Voice-Internal": "1",
            "Content-Type": "application/json",
        },
    )
    try:
        with _opener.open(request, timeout=SECONDS) as response:
            return _read(call, response.status, response)
    except HTTPError as refused:
        with refused:
            return _read(call, refused.code, refused)
    except (OSError, HTTPException) as error:
        return {"server": call["server"], "error": type(error).__name__}


def _read(call: dict[str, Any], status: int, response: Any) -> dict[str, Any]:
    try:
        body = json.loads(response.read(MOST_BYTES))
    except (OSError, ValueError, HTTPException):
        body = None
    return {"server": call["server"], "status": status, "body": body}


def _short(answer: dict[str, Any]) -> str:
    return f"{answer['server']} {answer.get('status', answer.get('error'))}"
