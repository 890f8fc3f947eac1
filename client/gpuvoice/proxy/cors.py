"""What browsers are told: which page may read an answer, and what it may send."""

from __future__ import annotations

import re

from starlette.types import Message, Scope, Send

from gpuvoice.proxy.guard import Caller
from gpuvoice.proxy.headers import Raw, first

SENT = (
    b"Content-Type, X-Request-Id, X-Deadline-Seconds, X-API-Key, Authorization, "
    b"Prefer, Cache-Control, Idempotency-Key"
)
SHOWN = (
    b"X-Queue-Position, X-Queue-Wait-Seconds, X-Request-Id, Retry-After, "
    b"Location, Preference-Applied, X-Voice-Seed, X-Finish-Reason, X-Voice-Reused"
)
# What the official OpenAI client in a page says of itself.
OF_OPENAI = re.compile(r"\bx-stainless-[a-z-]+")
METHODS = b"GET, HEAD, POST, DELETE, OPTIONS"
PREFLIGHT_SECONDS = 7200  # the longest that Chromium keeps one


def is_preflight(scope: Scope) -> bool:
    asked = first(scope["headers"], b"access-control-request-method")
    return scope["method"] == "OPTIONS" and bool(asked)


def preflight_headers(scope: Scope) -> dict[str, str]:
    own = OF_OPENAI.findall(first(scope["headers"], b"access-control-request-headers").lower())
    found = {
        "Access-Control-Allow-Methods": METHODS.decode(),
        "Access-Control-Allow-Headers": ", ".join([SENT.decode(), *own]),
        "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
    }
    if first(scope["headers"], b"access-control-request-private-network") == "true":
        found["Access-Control-Allow-Private-Network"] = "true"
    return found


def readable(send: Send, caller: Caller) -> Send:
    """`send` that lets the caller's page read each answer."""
    if not caller.origin:
        return send
    added: Raw = [
        (b"access-control-allow-origin", caller.origin.encode()),
        (b"access-control-expose-headers", SHOWN),
        (b"vary", b"Origin"),
    ]

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *added]}
        await send(message)

    return told
