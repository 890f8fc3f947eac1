"""Asks an upstream whether it is ready; with the key, that wakes a sleeping GPU."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import replace

import httpx

from gpuvoice.answers import NO_SUCH_PATH
from gpuvoice.proxy.payload import object_in
from gpuvoice.proxy.redirects import elsewhere
from gpuvoice.proxy.refused import Refused
from gpuvoice.proxy.sleeping import KEY_REFUSED, NO_KEY_THERE, NotNow, not_now
from gpuvoice.proxy.upstream import Upstream

ASK_SECONDS = 15.0
# Many calls wait for the same start: they share an answer that is not older.
SHARED_SECONDS = 0.5
MOST_BYTES = 65536
MOST_CHARACTERS = 300
ADVICE = "Is the URL right, and the server well?"
WANTS_KEY = (401, 403)
# Whatever else it answers, waiting does not change.
WORTH_WAITING = (429, 502, 503, 504)


class Readiness:
    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._one = asyncio.Lock()
        self._known: dict[bool, tuple[float, NotNow | None]] = {}

    async def ask(self, *, wakes: bool) -> NotNow | None:
        """None when it is ready. `wakes` sends the key along. Raises Refused."""
        async with self._one:
            if self._upstream.fresh(SHARED_SECONDS):
                return None
            at, known = self._known.get(wakes, (float("-inf"), None))
            if known is not None and time.monotonic() - at < SHARED_SECONDS:
                return known
            answer = await self._answer(wakes)
            self._known[wakes] = (time.monotonic(), answer)
            if answer is None:
                self._upstream.note_good()
            return answer

    def forget(self) -> None:
        """Somebody turned it on or off: what was known is old."""
        self._known.clear()

    async def _answer(self, wakes: bool) -> NotNow | None:
        try:
            return await asyncio.wait_for(self._asked(wakes), ASK_SECONDS)
        except (httpx.TransportError, asyncio.TimeoutError) as error:
            return replace(nobody(self._upstream, error), broken=False, gone=True)

    async def _asked(self, wakes: bool) -> NotNow | None:
        response = await self._upstream.send("GET", "/ready", [], with_key=wakes)
        async with contextlib.aclosing(response):
            status = response.status_code
            # Read to its end, so that the connection serves the call that follows.
            body = await bounded(response)
        # Where none was sent along, it is the work that is to show whether the key is good.
        if status < 300 or status in NO_SUCH_PATH or (status in WANTS_KEY and not wakes):
            return None
        if status not in WORTH_WAITING:
            raise elsewhere(self._upstream, response) or self._refused(status, body)
        return not_now(status, response.headers.get("Retry-After"), body, asked_only=True)

    def _refused(self, status: int, body: bytes) -> Refused:
        if status in WANTS_KEY:
            has_key = self._upstream.has_key
            return Refused(status, KEY_REFUSED.format(status) if has_key else NO_KEY_THERE)
        said = object_in(body).get("error")
        why = f" {said[:MOST_CHARACTERS]}" if isinstance(said, str) else ""
        return Refused(502, f"{self._upstream.shown}/ready answered {status}.{why} {ADVICE}")


async def bounded(response: httpx.Response) -> bytes:
    """The beginning of a body, with its encoding undone. Raises httpx.TransportError."""
    found = b""
    try:
        async for part in response.aiter_bytes():
            found += part
            if len(found) >= MOST_BYTES:
                break
    except httpx.DecodingError as error:
        raise httpx.RemoteProtocolError(str(error)) from error
    return found


def nobody(upstream: Upstream, error: Exception) -> NotNow:
    """Of a connection that was not made, or was lost before an answer."""
    reached = not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError))
    why = str(error) or {
        "ConnectTimeout": "nobody answers there",
        "TimeoutError": "it takes too long to answer",
    }.get(type(error).__name__, type(error).__name__)
    if "CERTIFICATE" in why.upper():
        why += "; its certificate is not one that this machine trusts for that name"
    sentence = f"No answer from {upstream.shown}: {why}."
    return NotNow(502, sentence, 1.0, broken=reached, gone=not reached)
