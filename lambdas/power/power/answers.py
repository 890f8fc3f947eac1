"""Answers as JSON for a person: `{"success": false, "error": ...}`, as the servers give them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from power.alb import Answer

KEY_NEEDED = (
    "A valid key is needed: send it as X-API-Key, as Authorization: Bearer, or as the password "
    "in the URL (https://key:SECRET@host)."
)
FAULT = "The server failed on this request; its log says why. Trying again may help."
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="gpu-voice"'}


class Refused(Exception):
    """A request that the caller has to change, or send again later."""

    def __init__(
        self, status: int, error: str, headers: Mapping[str, str] | None = None, /, **more: object
    ) -> None:
        super().__init__(error)
        self.answer = refusal(status, error, headers, **more)


def said(
    status: int, body: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> Answer:
    fixed = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    text = json.dumps(body, separators=(",", ":"))
    state = str(body.get("state", ""))
    return Answer(status, text + "\n", {**fixed, **(headers or {})}, state)


def refusal(
    status: int, error: str, headers: Mapping[str, str] | None = None, /, **more: object
) -> Answer:
    return said(status, {"success": False, "error": error, **more}, headers)


def key_needed(**more: object) -> Answer:
    return refusal(401, KEY_NEEDED, CHALLENGE, **more)


def later(seconds: float) -> dict[str, str]:
    """The header that says when to try again."""
    return {"Retry-After": str(max(1, math.ceil(seconds)))}
