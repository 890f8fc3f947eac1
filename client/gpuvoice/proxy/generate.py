"""`/api/tts-generate`: what a page's own backend calls. Nothing but texts and numbers passes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from gpuvoice.proxy.headers import first
from gpuvoice.proxy.passage import Passage
from gpuvoice.proxy.payload import parsed
from gpuvoice.proxy.refused import Refused

MOST_BYTES = 256 * 1024
TEXTS, NUMBERS = ("text", "instruct", "language", "voice", "format"), ("seed",)
LISTS = {
    "texts": str,
    "instructs": (str, type(None)),
    "voices": (str, type(None)),
    "seeds": (int, type(None)),
}
ONE, SEVERAL = "/generate", "/generate_batch"
PASSED = (b"x-request-id", b"x-deadline-seconds", b"accept-encoding")


class Generate:
    def __init__(self, passage: Passage) -> None:
        self._passage = passage

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            raise Refused(405, "This path takes POST.", {"Allow": "POST, OPTIONS"})
        if _media_type(scope) != "application/json":
            raise Refused(415, "Send JSON, with the header Content-Type: application/json.")
        fields = checked(await _body(receive))
        data = json.dumps(fields).encode()
        path = ONE if "text" in fields else SEVERAL
        passed = [each for each in scope["headers"] if each[0] in PASSED]
        headers = [
            *passed,
            (b"content-type", b"application/json"),
            (b"content-length", str(len(data)).encode()),
        ]
        inner = {**scope, "headers": headers}
        await self._passage("speech", path, inner, _replayed(data, receive), send)


def _media_type(scope: Scope) -> str:
    """Exactly: a browser asks first for this one alone, and text/plain;a=json is none."""
    return first(scope["headers"], b"content-type").partition(";")[0].strip().lower()


def checked(data: bytes) -> dict[str, Any]:
    """The fields that may pass. Raises Refused (400)."""
    try:
        found = parsed(data)
    except ValueError:
        raise Refused(400, "The body is not valid JSON.") from None
    if not isinstance(found, dict):
        raise Refused(400, 'Send an object like {"text": "Good morning."}.')
    known = (*TEXTS, *NUMBERS, *LISTS)
    unknown = sorted(set(found) - set(known))
    if unknown:
        raise Refused(400, f"{unknown[0][:40]}: is not known here; there are {', '.join(known)}.")
    fields = {name: value for name, value in found.items() if value is not None}
    if ("text" in fields) == ("texts" in fields):
        raise Refused(400, "Send either text or texts.")
    _check_types(fields)
    return fields


def _check_types(fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        if name in TEXTS and not isinstance(value, str):
            raise Refused(400, f"{name}: must be a text.")
        if name in NUMBERS and type(value) is not int:
            raise Refused(400, f"{name}: must be a whole number.")
        if name in LISTS:
            entries = value if isinstance(value, list) else [value]
            good = all(isinstance(each, LISTS[name]) for each in entries)  # type: ignore[arg-type]
            if not isinstance(value, list) or not good or True in [e is True for e in entries]:
                raise Refused(400, f"{name}: must be a list of texts or numbers.")


async def _body(receive: Receive) -> bytes:
    data = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return data
        data += bytes(message.get("body", b""))
        if len(data) > MOST_BYTES:
            raise Refused(
                413, f"The body is larger than {MOST_BYTES // 1024} KB. Send fewer texts."
            )
        if not message.get("more_body", False):
            return data


def _replayed(data: bytes, receive: Receive) -> Receive:
    """The body that was made here, and then whatever comes: that the caller goes."""
    first_time = [True]

    async def replayed() -> Message:
        if first_time:
            first_time.clear()
            return {"type": "http.request", "body": data, "more_body": False}
        return await receive()

    return replayed
