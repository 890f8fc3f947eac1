"""What the proxy answers by itself: errors in words, as the servers give them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.types import Send

JSON = {"Content-Type": "application/json", "Cache-Control": "no-store"}
STOPPING = "The proxy is being stopped."


@dataclass
class Refused(Exception):
    """A request that is not sent on; `more` are further fields of the body."""

    status: int
    error: str
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(self.error)

    def body(self, *, openai: bool = False) -> dict[str, Any]:
        """`openai`: with the error in the shape that the official OpenAI clients read."""
        error = openai_error(self.status, self.error) if openai else self.error
        return {"success": False, "error": error, **self.more}


def openai_error(status: int, message: str) -> dict[str, Any]:
    """https://platform.openai.com/docs/guides/error-codes"""
    kind, code = "server_error" if status >= 500 else "invalid_request_error", None
    if status == 401:
        code = "invalid_api_key"
    if status == 429:
        kind, code = "requests", "rate_limit_exceeded"
    return {"message": message, "type": kind, "param": None, "code": code}


async def say(
    send: Send, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> None:
    """A whole answer of JSON."""
    data = (json.dumps(body) + "\n").encode()
    await say_bytes(send, status, data, {**JSON, **(headers or {})})


async def say_bytes(send: Send, status: int, data: bytes, headers: Mapping[str, str]) -> None:
    told = {**headers, "Content-Length": str(len(data))} if status != 204 else headers
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in told.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": data, "more_body": False})


async def say_refused(send: Send, refused: Refused, *, openai: bool = False) -> None:
    await say(send, refused.status, refused.body(openai=openai), refused.headers)


def later(seconds: float) -> dict[str, str]:
    """The header that says when to try again."""
    return {"Retry-After": str(max(1, math.ceil(seconds)))}
