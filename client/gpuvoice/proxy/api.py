"""The calls of the console and of pages' backends, beside the servers' own."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from gpuvoice.proxy.convert import MOST_BYTES, converted
from gpuvoice.proxy.generate import Generate
from gpuvoice.proxy.passage import Passage
from gpuvoice.proxy.refused import Refused
from gpuvoice.proxy.status import Status

FRESH = {"Cache-Control": "no-store"}


def routes(passage: Passage, status: Status) -> list[BaseRoute]:
    async def now(request: Request) -> Response:
        return JSONResponse(await status.now(), headers=FRESH)

    return [
        Route("/api/status", now),
        Route("/api/convert", convert, methods=["POST"]),
        Route("/api/tts-generate", Generate(passage)),
    ]


async def convert(request: Request) -> Response:
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > MOST_BYTES:
            raise Refused(413, f"The file is larger than {MOST_BYTES // 1024**2} MiB.")
    wanted = request.query_params.get("format", "")
    found, media_type = await asyncio.to_thread(converted, bytes(data), wanted)
    return Response(found, media_type=media_type, headers=FRESH)
