"""A call for work: wakes the GPU, waits with signs of life, and is sent until it is answered."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

import httpx

from gpuvoice.proxy.attempt import pass_on
from gpuvoice.proxy.calls import COUNTED_BYTES, Call, items_in
from gpuvoice.proxy.headers import Raw
from gpuvoice.proxy.incoming import Incoming
from gpuvoice.proxy.patience import Patience
from gpuvoice.proxy.readiness import Readiness, nobody
from gpuvoice.proxy.refused import STOPPING, Refused
from gpuvoice.proxy.reply import Reply
from gpuvoice.proxy.settings import ProxySettings
from gpuvoice.proxy.sleeping import NotNow, verdict
from gpuvoice.proxy.upstream import Upstream

Result = TypeVar("Result")


@dataclass
class Work:
    """One call. `beats` for the paths whose callers take white space before JSON and check
    `success`; others wait in silence."""

    settings: ProxySettings
    upstream: Upstream
    readiness: Readiness
    target: str
    headers: Raw
    incoming: Incoming
    reply: Reply
    call: Call
    stopping: asyncio.Event
    beats: bool
    patience: Patience

    def __post_init__(self) -> None:
        self._next_beat = time.monotonic() + self.settings.heartbeat_seconds
        self._waited = False

    async def run(self) -> None:
        """Raises CutOff when the answer broke after a part of it went out."""
        try:
            while (reason := await self._turn()) is not None:
                self._waited = True
                self.call.state = "waiting"
                seconds = self.patience.seconds(reason, reached=self.upstream.good_at is not None)
                await self._beating(self._pause(seconds))
        except Refused as refused:
            self.call.status = refused.status
            self.call.end("failed", refused.error)
            await self.reply.fail(refused)

    async def _pause(self, seconds: float) -> None:
        """Raises Refused where the proxy is being stopped: nothing of this call is under way."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)
            raise Refused(503, STOPPING)

    async def _turn(self) -> NotNow | None:
        """Ask whether it is awake where that is not known, and try. Raises Refused."""
        wakes = self.settings.wake != "never"
        if not wakes or not self.upstream.fresh(self.settings.fresh_seconds):
            asleep = await self._beating(self.readiness.ask(wakes=wakes))
            if asleep is not None:
                refused = verdict(asleep, woken=wakes, has_key=self.upstream.has_key)
                if refused is not None:
                    raise refused
                return asleep
        reason = await self._try()
        if reason is not None:
            refused = verdict(reason, woken=True, has_key=self.upstream.has_key)
            if refused is not None:
                raise refused
        return reason

    async def _try(self) -> NotNow | None:
        if not self.reply.started:
            # The server's own signs of life may come first, with its own headers.
            self._next_beat = time.monotonic() + self.settings.heartbeat_seconds
        try:
            response = await self._beating(
                self.upstream.send("POST", self.target, self.headers, self.incoming.parts())
            )
        except httpx.TransportError as error:
            self.upstream.note_bad()
            return nobody(self.upstream, error)
        finally:
            await self._count()
        return await pass_on(self.upstream, response, self.reply, self.call)

    async def _count(self) -> None:
        small = self.incoming.complete and self.incoming.size <= COUNTED_BYTES
        if small and self.call.items is None:
            self.call.items = items_in(await self.incoming.whole())

    async def _beating(self, work: Awaitable[Result]) -> Result:
        """The result of `work`, with signs of life while it takes its time."""
        if not (self.beats and (self._waited or not self.upstream.fresh(float("inf")))):
            return await work
        task = asyncio.ensure_future(work)
        try:
            while not task.done():
                left = max(0.0, self._next_beat - time.monotonic())
                if not (await asyncio.wait({task}, timeout=left))[0]:
                    self._next_beat = time.monotonic() + self.settings.heartbeat_seconds
                    await self.reply.beat()
            return task.result()
        except BaseException:
            # The caller has gone, perhaps just when the answer's head came.
            task.cancel()
            await asyncio.wait({task})
            if not task.cancelled() and task.exception() is None:
                await _close(task.result())
            raise


async def _close(result: object) -> None:
    if isinstance(result, httpx.Response):
        await result.aclose()
