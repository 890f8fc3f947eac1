"""The console's files, and the badge that any page may show."""

from __future__ import annotations

import mimetypes
from html import escape
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gpuvoice.proxy.refused import Refused
from gpuvoice.proxy.status import Status

CONSOLE = files("gpuvoice") / "console"
SAFE = {
    "Content-Security-Policy": (
        "default-src 'self'; connect-src 'self'; media-src 'self' blob:; "
        "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
# Pages elsewhere embed it, so that nothing may forbid that.
BADGE = {
    "Cache-Control": "no-cache, max-age=0",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".svg": "image/svg+xml",
         ".css": "text/css", ".html": "text/html", ".json": "application/json"}  # fmt: skip
GOOD, WORKING, RESTING, BAD = "#1a7f37", "#9a6700", "#57606a", "#cf222e"
COLOURS = {
    "on": GOOD, "starting": WORKING, "recovering": WORKING, "stopping": WORKING,
    "asleep": RESTING, "quiet": RESTING, "budget": BAD, "backoff": BAD,
}  # fmt: skip
WORDS = {"quiet": "quiet hours", "budget": "budget used up", "backoff": "start failed"}


def routes(status: Status) -> list[BaseRoute]:
    async def badge(request: Request) -> Response:
        state = str((await status.now())["power"]["state"])
        text = file_of_console("badge.svg").decode()
        text = text.replace("__STATE__", escape(WORDS.get(state, state)))
        text = text.replace("__COLOUR__", COLOURS.get(state, RESTING))
        return Response(text, media_type="image/svg+xml", headers=BADGE)

    return [
        Route("/", page),
        Route("/console/{path:path}", console_file),
        Route("/badge.svg", badge),
        Route("/badge.js", badge_script),
    ]


async def page(request: Request) -> Response:
    return _answer("index.html")


async def console_file(request: Request) -> Response:
    return _answer(request.path_params["path"] or "index.html")


async def badge_script(request: Request) -> Response:
    return Response(file_of_console("badge.js"), media_type=TYPES[".js"], headers=BADGE)


def _answer(name: str) -> Response:
    kind = TYPES.get(name[name.rfind(".") :]) or mimetypes.guess_type(name)[0]
    return Response(
        file_of_console(name), media_type=kind or "application/octet-stream", headers=SAFE
    )


def file_of_console(name: str) -> bytes:
    """A file of the console. Raises Refused (404)."""
    parts = name.split("/")
    if any(part in ("", ".", "..") or "\\" in part or "\0" in part for part in parts):
        raise Refused(404, "There is no such file here. The console is at /.")
    found = CONSOLE.joinpath(*parts)
    if not found.is_file():
        raise Refused(404, "There is no such file here. The console is at /.")
    return found.read_bytes()
