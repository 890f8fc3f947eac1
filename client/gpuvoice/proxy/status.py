"""`/api/status`: how everything stands, within three seconds whoever does not answer."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from typing import Any

import httpx

from gpuvoice.proxy.convert import formats
from gpuvoice.proxy.health import health
from gpuvoice.proxy.passage import Passage
from gpuvoice.proxy.payload import object_in
from gpuvoice.proxy.readiness import bounded, nobody
from gpuvoice.proxy.refused import Refused
from gpuvoice.proxy.upstream import Role, Upstream
from gpuvoice.version import __version__

MOST_SECONDS = 2.5
KEPT_SECONDS = 2.0
NO_POWER: dict[str, Any] = {"available": False, "eta_seconds": None, "error": None}


class Status:
    """Asked often, by the console and by badges: the servers hear of it every two seconds."""

    def __init__(self, passage: Passage) -> None:
        self._passage = passage
        self._one = asyncio.Lock()
        self._at = float("-inf")
        self._known: dict[str, Any] = {}

    async def now(self) -> dict[str, Any]:
        calls = self._passage.calls
        async with self._one:
            if time.monotonic() - self._at >= KEPT_SECONDS:
                self._known = await self._asked()
                self._at = time.monotonic()
        return {**self._known, "calls": calls.shown(), "waiting": calls.waiting()}

    async def _asked(self) -> dict[str, Any]:
        upstreams, local = self._passage.upstreams, self._passage.settings.local
        speech, recognition, power = await asyncio.gather(
            _server(upstreams["speech"]), _server(upstreams["recognition"]), _power(upstreams)
        )
        if not power["available"] and power["error"] is None:
            power = {**power, "state": _state([speech, recognition])}
        return {
            "success": True,
            "version": __version__,
            "mode": "local" if local else "cloud",
            "upstream": {
                "speech": upstreams["speech"].shown,
                "recognition": upstreams["recognition"].shown,
            },
            "formats": formats(),
            "power": power,
            "speech": speech,
            "recognition": recognition,
        }


async def _server(upstream: Upstream) -> dict[str, Any]:
    try:
        asked = health(upstream, [], wakes=False)
        status, _, body = await asyncio.wait_for(asked, MOST_SECONDS)
    except asyncio.TimeoutError:
        return _without(f"No answer from {upstream.shown} in time.")
    except Refused as refused:
        return _without(refused.error)
    found = object_in(body)
    if status != 200 or not found:
        return _without(str(found.get("error") or f"{upstream.shown} answered {status}."))
    return {"ready": found.get("model_loaded") is True, "health": found, "error": None}


def _without(error: str) -> dict[str, Any]:
    return {"ready": False, "health": None, "error": error}


async def _power(upstreams: Mapping[Role, Upstream]) -> dict[str, Any]:
    upstream = upstreams.get("power")
    if upstream is None:
        return NO_POWER
    try:
        status, found = await asyncio.wait_for(_power_asked(upstream), MOST_SECONDS)
    except (httpx.TransportError, asyncio.TimeoutError) as error:
        return {**NO_POWER, "available": True, "state": "unknown",
                "error": nobody(upstream, error).sentence}  # fmt: skip
    if status == 404:
        return NO_POWER
    if status != 200 or not found.get("success", True):
        why = str(found.get("error") or f"{upstream.shown} answered {status}.")
        return {**NO_POWER, "available": True, "state": "unknown", "error": why}
    told = {name: value for name, value in found.items() if name != "success"}
    return {**NO_POWER, "state": "unknown", **told, "available": True}


async def _power_asked(upstream: Upstream) -> tuple[int, dict[str, Any]]:
    response = await upstream.send("GET", "/status", [])
    async with contextlib.aclosing(response):
        return response.status_code, object_in(await bounded(response))


def _state(servers: list[dict[str, Any]]) -> str:
    if all(each["ready"] for each in servers):
        return "on"
    told = [each["health"]["state"] for each in servers if "state" in (each["health"] or {})]
    if told:
        return str(told[0])
    return "starting" if any(each["health"] is not None for each in servers) else "asleep"
