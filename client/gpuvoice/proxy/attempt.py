"""One try at a call: the server's answer is passed on as it comes, or asks to come back later."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import httpx

from gpuvoice.proxy.calls import Call
from gpuvoice.proxy.headers import for_caller
from gpuvoice.proxy.payload import object_in, sentence_in
from gpuvoice.proxy.readiness import bounded, nobody
from gpuvoice.proxy.redirects import elsewhere
from gpuvoice.proxy.refused import Refused
from gpuvoice.proxy.reply import WHITE, Reply
from gpuvoice.proxy.sleeping import UNREACHED, NotNow, not_now
from gpuvoice.proxy.upstream import Upstream

# Longer than this is not a busy moment: the caller decides.
MOST_BUSY_SECONDS = 60.0
# Enough of an answer to see a failure that came after signs of life.
LOOKED_AT_BYTES = 2048


async def pass_on(
    upstream: Upstream, response: httpx.Response, reply: Reply, call: Call
) -> NotNow | None:
    """Closes the response; None when it went to the caller. Raises CutOff where it broke after a
    part of it went out, Refused where the server is elsewhere."""
    async with contextlib.aclosing(response):
        try:
            return await _passed_on(upstream, response, reply, call)
        except (httpx.TransportError, httpx.DecodingError) as error:
            upstream.note_bad()
            lost = nobody(upstream, error)
            if reply.passed:
                await reply.fail(lost.refused(502))
            return lost


async def _passed_on(
    upstream: Upstream, response: httpx.Response, reply: Reply, call: Call
) -> NotNow | None:
    if asks_to_come_back(response):
        upstream.note_bad()
        body = await bounded(response)
        return not_now(response.status_code, response.headers.get("Retry-After"), body)
    moved = elsewhere(upstream, response)
    if moved is not None:
        raise moved
    upstream.note_good()
    _note_queue(call, response.headers)
    call.state, call.status = "running", response.status_code
    if reply.started and response.status_code >= 400:
        refused = _refusal(response.status_code, await bounded(response))
        call.end("failed", refused.error)
        await reply.fail(refused)
        return None
    await _stream(response, reply, call)
    return None


def asks_to_come_back(response: httpx.Response) -> bool:
    """A busy or sleeping server, or a load balancer that has nobody behind it at the moment."""
    status = response.status_code
    words = "json" in response.headers.get("Content-Type", "")
    wait = response.headers.get("Retry-After")
    if status == 503:
        return wait is not None or not words
    if status == 429:
        return wait is not None and not_now(status, wait, b"").seconds <= MOST_BUSY_SECONDS
    return status in UNREACHED or (status == 413 and not words)


async def _stream(response: httpx.Response, reply: Reply, call: Call) -> None:
    begun = reply.started
    seen = b""
    async for part in _parts(response, decoded=begun):
        if not reply.started:
            await _begin(response, reply)
        if len(seen) < LOOKED_AT_BYTES:
            seen += part[:LOOKED_AT_BYTES].lstrip(WHITE) if not seen else part[:LOOKED_AT_BYTES]
        await reply.part(part)
    if not reply.started:
        await _begin(response, reply)
    # First: whoever has the whole answer finds it in the list.
    _note_end(call, response.status_code, seen)
    await reply.end()


def _parts(response: httpx.Response, *, decoded: bool) -> AsyncIterator[bytes]:
    # What follows our own signs of life follows our own headers, which name no encoding.
    return response.aiter_bytes() if decoded else response.aiter_raw()


async def _begin(response: httpx.Response, reply: Reply) -> None:
    # An answer whose length was announced cannot be replaced by another one, nor one that is not
    # JSON: a failure would be heard as sound.
    json = "json" in response.headers.get("Content-Type", "")
    reply.passed = "Content-Length" in response.headers or not json
    await reply.start(response.status_code, for_caller(response.headers.raw))


def _note_queue(call: Call, headers: httpx.Headers) -> None:
    with contextlib.suppress(ValueError):
        call.queue_position = int(headers.get("X-Queue-Position", ""))
    with contextlib.suppress(ValueError):
        call.queue_wait_seconds = float(headers.get("X-Queue-Wait-Seconds", ""))


def _note_end(call: Call, status: int, seen: bytes) -> None:
    failure = _failure(seen) if status >= 400 or b'"success"' in seen else None
    failed = status >= 400 or failure is not None
    call.end("failed" if failed else "done", failure)


def _failure(body: bytes) -> str | None:
    """The sentence of a body that is a failure."""
    found = object_in(body)
    if found.get("success") is not False and not isinstance(found.get("error"), dict):
        return None
    return sentence_in(found) or "It failed without a reason."


def _refusal(status: int, body: bytes) -> Refused:
    return Refused(status, _failure(body) or f"The server answered {status} without a reason.")
