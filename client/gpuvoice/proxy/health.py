"""`/health` of a server, answered at once whatever the GPU does: its callers wait five seconds."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

import httpx

from gpuvoice.answers import PASSING
from gpuvoice.proxy.headers import Raw, for_caller
from gpuvoice.proxy.payload import object_in
from gpuvoice.proxy.readiness import bounded, nobody
from gpuvoice.proxy.redirects import elsewhere
from gpuvoice.proxy.refused import Refused
from gpuvoice.proxy.sleeping import not_now
from gpuvoice.proxy.upstream import Role, Upstream

MOST_SECONDS = 4.0
ADVICE = "Is the URL right, and the server running?"
# What the servers say of themselves while nobody knows better.
PRESETS: dict[Role, dict[str, Any]] = {
    "speech": {"engine": "qwen3-tts", "speaker": "Aiden", "language": "English"},
    "recognition": {"engine": "whisperx", "model_size": "large-v3"},
}
KEPT = ("speaker", "language", "model_size", "voices", "model", "family")


async def health(upstream: Upstream, headers: Raw, *, wakes: bool) -> tuple[int, Raw, bytes]:
    """Status, headers and body for the caller. Raises Refused (502) when nobody is there."""
    try:
        return await asyncio.wait_for(_asked(upstream, headers, wakes), MOST_SECONDS)
    except (httpx.TransportError, asyncio.TimeoutError) as error:
        sentence = f"{nobody(upstream, error).sentence} {ADVICE}"
        raise Refused(502, sentence) from None


async def _asked(upstream: Upstream, headers: Raw, wakes: bool) -> tuple[int, Raw, bytes]:
    response = await upstream.send("GET", "/health", headers, with_key=wakes)
    async with contextlib.aclosing(response):
        body = await bounded(response)
    plain = [
        (name, value)
        for name, value in for_caller(response.headers.raw)
        if name not in (b"content-length", b"content-encoding")
    ]
    moved = elsewhere(upstream, response)
    if moved is not None:
        raise moved
    status = response.status_code
    if status == 503:
        asleep = _asleep(upstream, body)
        told = [each for each in plain if each[0] not in (b"content-type", b"retry-after")]
        return 200, [*told, (b"content-type", b"application/json")], asleep
    if status in PASSING:
        raise Refused(502, f"Nobody answers behind {upstream.shown} at the moment ({status}).")
    if status == 200:
        _remember(upstream, body)
    return status, plain, body


def _asleep(upstream: Upstream, body: bytes) -> bytes:
    found = not_now(503, None, body)
    answer = {
        "status": "ok",
        "model_loaded": False,
        "device": None,
        "gpu_name": None,
        **PRESETS.get(upstream.role, {}),
        **upstream.health,
        "state": found.state or "starting",
        "eta_seconds": found.eta_seconds,
        "ready": False,
        "message": found.sentence,
    }
    return (json.dumps(answer) + "\n").encode()


def _remember(upstream: Upstream, body: bytes) -> None:
    found = object_in(body)
    if found:
        upstream.health = {name: found[name] for name in KEPT if name in found}
