"""Requests as the load balancer hands them to a function, and answers as it takes them back.

A target group without multi-value headers: names in lower case, one value each.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
UNSENDABLE = re.compile(r"[^\t\x20-\x7e]")


@dataclass(frozen=True, slots=True)
class Request:
    """`path` is decoded; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    id: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """`state` is that of the slot it is about, for the log."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    state: str = ""


def request_of(event: object) -> Request:
    """Whatever is in the event; what is missing or malformed is empty."""
    found = event if isinstance(event, Mapping) else {}
    headers = _headers(found)
    given = headers.get("x-request-id", "")
    return Request(
        method=_text(found.get("httpMethod")).upper(),
        path=unquote(_text(found.get("path"))) or "/",
        headers=headers,
        body=_body(found),
        id=given if GIVEN_ID.fullmatch(given) else uuid.uuid4().hex,
    )


def response_of(answer: Answer, method: str) -> dict[str, Any]:
    """The answer to HEAD is that to GET without its body."""
    return {
        "isBase64Encoded": False,
        "statusCode": answer.status,
        "statusDescription": f"{answer.status} {HTTPStatus(answer.status).phrase}",
        "headers": {name: UNSENDABLE.sub("", value) for name, value in answer.headers.items()},
        "body": "" if method == "HEAD" else answer.body,
    }


def _headers(event: Mapping[Any, Any]) -> dict[str, str]:
    """Values of a name that comes twice are joined, as HTTP has it: no key is hidden behind one."""
    given = event.get("headers") or event.get("multiValueHeaders")
    found: dict[str, str] = {}
    for name, value in (given if isinstance(given, Mapping) else {}).items():
        text = ",".join(map(_text, value)) if isinstance(value, list) else _text(value)
        key = _text(name).lower()
        found[key] = f"{found[key]},{text}" if key in found else text
    return found


def _body(event: Mapping[Any, Any]) -> bytes:
    data = _text(event.get("body")).encode("utf-8", "surrogatepass")
    if event.get("isBase64Encoded") is not True:
        return data
    try:
        return base64.b64decode(data, validate=True)
    except ValueError:
        return data


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
