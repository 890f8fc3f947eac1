"""The way back to the caller: at once, or begun early with white space that keeps it alive."""

from __future__ import annotations

import json

from starlette.types import Send

from gpuvoice.proxy.headers import Raw
from gpuvoice.proxy.refused import Refused, say_refused

WHITE = b" \t\r\n"
BEGUN: Raw = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]


class CutOff(Exception):
    """A part of the answer has gone out, and the rest will not come: the connection is to break."""


class Reply:
    """`passed`: bytes other than white space went out, so that nothing else can be answered.
    `openai`: refusals are told as the official OpenAI clients read them."""

    def __init__(self, send: Send, *, openai: bool = False) -> None:
        self._send, self._openai = send, openai
        self.started = False
        self.passed = False

    async def start(self, status: int, headers: Raw) -> None:
        self.started = True
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def beat(self) -> None:
        """A sign of life; the first one begins the answer as a 200."""
        if not self.started:
            await self.start(200, BEGUN)
        await self.part(b" ")

    async def part(self, data: bytes) -> None:
        self.passed = self.passed or bool(data.strip(WHITE))
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self) -> None:
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def fail(self, refused: Refused) -> None:
        """The refusal as it is, or inside the answer that has begun. Raises CutOff."""
        if self.passed:
            raise CutOff(refused.error)
        if not self.started:
            await say_refused(self._send, refused, openai=self._openai)
            return
        await self.part(json.dumps({**refused.body(), "status": refused.status}).encode())
        await self.end()
