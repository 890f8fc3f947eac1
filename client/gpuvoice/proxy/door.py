"""The way in of each port: strangers are turned away, preflights answered, errors put in words."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from gpuvoice.proxy.cors import is_preflight, preflight_headers, readable
from gpuvoice.proxy.expected import like_openai
from gpuvoice.proxy.guard import Area, Guard
from gpuvoice.proxy.refused import STOPPING, Refused, say_bytes, say_refused
from gpuvoice.proxy.reply import CutOff
from gpuvoice.proxy.target import with_path

log = logging.getLogger(__name__)

FAULT = "The proxy failed on this request; its output says why. Trying again may help."
AreaOf = Callable[[str], Area]


class Door:
    """`area_of` says for a path who may call it. What the app raises is answered here."""

    def __init__(self, app: ASGIApp, guard: Guard, area_of: AreaOf) -> None:
        self._app, self._guard, self._area_of = app, guard, area_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        started, openai = False, like_openai(scope["path"])

        async def noted(message: dict[str, object]) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            scope, host = with_path(scope)
            if host is not None:
                self._guard.check_host(host)
            area = self._area_of(scope["path"])
            caller = self._guard.check(scope, area)
            out = readable(noted, caller)  # type: ignore[arg-type]
            if is_preflight(scope):
                await say_bytes(out, 204, b"", preflight_headers(scope))
                return
            try:
                if area != "badge":
                    self._guard.check_key(scope)
                scope.setdefault("state", {})["caller"] = caller
                await self._app(scope, receive, out)
            except Refused as refused:
                await say_refused(out, refused, openai=openai)
        except Refused as refused:
            await say_refused(send, refused, openai=openai)
        except asyncio.CancelledError:
            if not started:
                await say_refused(send, Refused(503, STOPPING), openai=openai)
            raise
        except CutOff:
            return  # an answer that is not ended breaks the connection
        except Exception:
            log.exception("a call failed")
            if not started:
                await say_refused(send, Refused(500, FAULT), openai=openai)
