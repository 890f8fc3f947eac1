"""The proxy's own port: the console, its calls, and both servers under their prefixes."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from gpuvoice.proxy import api, pages
from gpuvoice.proxy.guard import Area
from gpuvoice.proxy.passage import Passage
from gpuvoice.proxy.refused import JSON, Refused
from gpuvoice.proxy.status import Status
from gpuvoice.proxy.target import PREFIXES, below, target_of

BADGES = ("/badge.svg", "/badge.js")
GENERATE = "/api/tts-generate"


class Desk:
    def __init__(self, passage: Passage) -> None:
        self._passage = passage
        status = Status(passage)
        self._own = Starlette(
            routes=[*api.routes(passage, status), *pages.routes(status)],
            exception_handlers={Refused: _refused, HTTPException: _no_such_call},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        target = target_of(scope)
        for role, prefix in (*PREFIXES.items(), ("power", "/api/power")):
            inner = below(prefix, target)
            if inner is not None:
                await self._passage(role, inner, scope, receive, send)
                return
        await self._own(scope, receive, send)


def area_of(path: str) -> Area:
    if path in BADGES:
        return "badge"
    if path == "/":
        return "page"
    return "contract" if path == GENERATE else "own"


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, Refused):
        raise error
    return JSONResponse(error.body(), error.status, {**JSON, **error.headers})


async def _no_such_call(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    words = {404: "There is nothing here. The console is at /.",
             405: "This path does not take that method."}  # fmt: skip
    refused = Refused(error.status_code, words.get(error.status_code, error.detail))
    return JSONResponse(refused.body(), refused.status, {**JSON, **(error.headers or {})})
