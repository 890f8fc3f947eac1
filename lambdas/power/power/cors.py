"""Which pages may call, and what they may send and read: the same as the servers say."""

from __future__ import annotations

import re
from collections.abc import Sequence

from power.alb import Request

LOOPBACK = re.compile(
    r"https?://(localhost|[a-z0-9-]+\.localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?"
)
ANY = "*"
SLOT_HEADER = "X-Voice-Slot"
SENT = (
    "Content-Type", "X-API-Key", "Authorization", "X-Deadline-Seconds", "X-Request-Id", "Prefer",
    "Cache-Control", "Idempotency-Key", SLOT_HEADER,
)  # fmt: skip
# What OpenAI's client in a page says of itself.
OF_OPENAI = re.compile(r"x-stainless-[a-z-]+", re.IGNORECASE)
SHOWN = (
    "X-Queue-Position", "X-Queue-Wait-Seconds", "X-Request-Id", "Retry-After", "Location",
    "Preference-Applied", "X-Voice-Seed", "X-Finish-Reason", "X-Voice-Reused", SLOT_HEADER,
)  # fmt: skip
METHODS = ("GET", "POST", "DELETE", "OPTIONS")
PREFLIGHT_SECONDS = 7200  # the longest that Chromium keeps one
ASKED_METHOD, ASKED_HEADERS = "access-control-request-method", "access-control-request-headers"
ASKED_NETWORK = "access-control-request-private-network"


def cors_headers(request: Request, origins: Sequence[str]) -> dict[str, str]:
    """Headers to add to any answer to this request; none for a page that may not call.

    `origins` are those of the setting; without one, pages served from the caller's machine.
    """
    origin = request.headers.get("origin", "")
    if not _allowed(origin, origins):
        return {}
    found = {**_shown(origin), "Vary": "Origin"} if origin else _shown(ANY)
    if request.headers.get(ASKED_NETWORK) == "true":
        found["Access-Control-Allow-Private-Network"] = "true"
    if request.method == "OPTIONS" and request.headers.get(ASKED_METHOD, "").upper() in METHODS:
        found["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
        found["Access-Control-Allow-Methods"] = ", ".join(sorted(METHODS))
        granted = _granted(request.headers.get(ASKED_HEADERS, ""))
        if granted:
            found["Access-Control-Allow-Headers"] = granted
    return found


def _shown(origin: str) -> dict[str, str]:
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": ", ".join(sorted(SHOWN)),
    }


def _allowed(origin: str, origins: Sequence[str]) -> bool:
    if not origins:
        return LOOPBACK.fullmatch(origin) is not None
    same = (each.rstrip("/").casefold() == origin.casefold() for each in origins)
    return ANY in origins or any(same)


def _granted(asked: str) -> str:
    known = {name.casefold() for name in SENT}
    names = (name.strip() for name in asked.split(","))
    return ", ".join(
        sorted(name for name in names if name.casefold() in known or OF_OPENAI.fullmatch(name))
    )
