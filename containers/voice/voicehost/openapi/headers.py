"""Headers of answers, as the document describes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

HEADERS: Mapping[str, dict[str, Any]] = {
    "X-Request-Id": {
        "description": "Names this request in the server's log.",
        "schema": {"type": "string"},
    },
    "X-Queue-Position": {
        "description": "Pieces of work that waited when this request arrived.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "X-Queue-Wait-Seconds": {
        "description": "Time until the first piece of this request was begun, or until the headers "
        "went out, whichever came first.",
        "schema": {"type": "number", "minimum": 0},
    },
    "Retry-After": {
        "description": "Seconds after which trying again makes sense.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "Location": {
        "description": "Where the job is, from the root of this server's address.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Preference-Applied": {
        "description": "What of the header `Prefer` was done.",
        "schema": {"type": "string", "const": "respond-async"},
    },
    "X-Voice-Seed": {
        "description": "Of an answer that is audio: its `seed`.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "X-Finish-Reason": {
        "description": "Of an answer that is audio: `length` when the model found no end and was "
        "cut off. Not there when the answer began before the end was known.",
        "schema": {"type": "string", "enum": ["stop", "length"]},
    },
    "X-Voice-Reused": {
        "description": "Of an answer that is audio: its `reused`.",
        "schema": {"type": "string", "enum": ["true", "false"]},
    },
}
NAMED = ("X-Request-Id",)
QUEUED = ("X-Request-Id", "X-Queue-Position", "X-Queue-Wait-Seconds")
TAKEN = ("X-Request-Id", "Location", "Preference-Applied")
OF_AUDIO = ("X-Voice-Seed", "X-Finish-Reason", "X-Voice-Reused")


def headers(always: Iterable[str], sometimes: Iterable[str] = ()) -> dict[str, Any]:
    """By name: those that each such answer has, and those that some have."""
    return {
        **{name: {**HEADERS[name], "required": True} for name in always},
        **{name: dict(HEADERS[name]) for name in sometimes},
    }
