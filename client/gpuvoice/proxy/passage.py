"""From a request that was let in to the server that it is for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.types import Receive, Scope, Send

from gpuvoice.proxy.calls import Calls
from gpuvoice.proxy.expected import beats, like_openai, of_jobs
from gpuvoice.proxy.guard import caller_of
from gpuvoice.proxy.headers import decodable, first, for_caller, for_server, has_body
from gpuvoice.proxy.health import health
from gpuvoice.proxy.incoming import Incoming, Room, too_large
from gpuvoice.proxy.location import located
from gpuvoice.proxy.patience import Patience
from gpuvoice.proxy.readiness import Readiness, nobody
from gpuvoice.proxy.redirects import elsewhere
from gpuvoice.proxy.refused import Refused
from gpuvoice.proxy.reply import CutOff, Reply
from gpuvoice.proxy.settings import ProxySettings
from gpuvoice.proxy.target import mounted
from gpuvoice.proxy.upstream import Role, Upstream
from gpuvoice.proxy.work import Work

MIB = 1024 * 1024
# Answered while the GPU sleeps.
SIGNING = "/results/sign"
HEALTH, LIVE, READY = "/health", "/live", "/ready"
NO_POWER = "This server has no power switch: it is on as long as it runs."
NO_SUCH_PATH = "There is no such path here. /docs lists the ones that exist."
READING = ("GET", "HEAD")


@dataclass(frozen=True)
class Request:
    """`target` is the path with its query, as the server gets it."""

    upstream: Upstream
    target: str
    scope: Scope
    incoming: Incoming
    reply: Reply

    @property
    def path(self) -> str:
        return self.target.partition("?")[0].rstrip("/")

    @property
    def method(self) -> str:
        return str(self.scope["method"])

    @property
    def reads(self) -> bool:
        return self.method in READING


class Passage:
    def __init__(
        self, settings: ProxySettings, upstreams: Mapping[Role, Upstream], calls: Calls
    ) -> None:
        self.settings, self.upstreams, self.calls = settings, upstreams, calls
        self._readiness = {role: Readiness(each) for role, each in upstreams.items()}
        self._room = Room(settings.spools_mib)
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Calls that wait, with nothing under way, wait no longer."""
        self._stopping.set()

    async def __call__(
        self, role: Role, target: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Send on to `target`, a path with its query. Raises Refused."""
        upstream = self._upstream(role, target)
        length = first(scope["headers"], b"content-length")
        if length.isdecimal() and int(length) > self.settings.spool_mib * MIB:
            raise too_large(self.settings.spool_mib)
        there = located(send, upstream, mounted(scope, target))
        reply = Reply(there, openai=like_openai(scope["path"]))
        with Incoming(receive, self.settings.spool_mib, self._room) as incoming:
            request = Request(upstream, target, scope, incoming, reply)
            if role == "power" or (request.path == SIGNING and request.method == "POST"):
                work = self._send(request, with_key=True)
            elif request.method == "POST" and not of_jobs(request.path):
                work = self._work(request)
            elif request.reads and request.path == HEALTH:
                work = self._health(request)
            else:
                work = self._look(request)
            try:
                await _while_wanted(work, incoming)
            except Refused as refused:
                await reply.fail(refused)
        if role == "power" and not request.reads:
            for each in self._readiness.values():
                each.forget()

    def _upstream(self, role: Role, target: str) -> Upstream:
        segments = httpx.URL("http://x").copy_with(raw_path=target.encode()).path.split("/")
        if "internal" in segments and role != "power":
            raise Refused(404, NO_SUCH_PATH)
        if role not in self.upstreams:
            raise Refused(404, NO_POWER)
        return self.upstreams[role]

    async def _work(self, request: Request) -> None:
        call = self.calls.begin(
            request.path, "console" if caller_of(request.scope).console else "client"
        )
        headers = for_server(request.scope["headers"])
        may_beat = beats(request.path, headers)
        work = Work(
            self.settings,
            request.upstream,
            self._readiness[request.upstream.role],
            request.target,
            decodable(headers) if may_beat else headers,
            request.incoming,
            request.reply,
            call,
            self._stopping,
            beats=may_beat,
            patience=Patience(self.settings, _deadline(request.scope)),
        )
        try:
            await work.run()
        except CutOff as cut:
            call.end("failed", str(cut))
            raise
        finally:
            failure = request.incoming.failure
            if failure is not None:
                call.status = failure.status
                call.end("failed", failure.error)
            call.end("cancelled")

    async def _look(self, request: Request) -> None:
        """Whatever is no work: it wakes nothing, but /ready, which asks for that."""
        wakes = self.settings.wake == "health" or (
            request.path == READY and self.settings.wake == "work"
        )
        with_key = wakes or request.path not in (READY, LIVE)
        if with_key and not wakes and not request.upstream.fresh(self.settings.fresh_seconds):
            asleep = await self._readiness[request.upstream.role].ask(wakes=False)
            # A server whose models load tells of its jobs.
            told = asleep is not None and not asleep.state and of_jobs(request.path)
            if asleep is not None and not asleep.gone and not told:
                raise asleep.refused()
        await self._send(request, with_key=with_key)

    async def _send(self, request: Request, *, with_key: bool) -> None:
        upstream, reply = request.upstream, request.reply
        headers = for_server(request.scope["headers"], body=not request.reads)
        content = request.incoming.parts() if _sends_on(request) else None
        try:
            response = await upstream.send(
                request.method, request.target, headers, content, with_key=with_key
            )
            async with contextlib.aclosing(response):
                # A browser that only reads may go there itself; it takes no key along.
                moved = (
                    None
                    if request.reads and upstream.role != "power"
                    else elsewhere(upstream, response)
                )
                if moved is not None:
                    raise moved
                reply.passed = True
                await reply.start(response.status_code, for_caller(response.headers.raw))
                async for part in response.aiter_raw():
                    await reply.part(part)
                await reply.end()
        except httpx.TransportError as error:
            lost = nobody(upstream, error).refused(502)
            if reply.started:
                raise CutOff(lost.error) from None
            raise lost from None

    async def _health(self, request: Request) -> None:
        wakes = self.settings.wake == "health"
        status, headers, body = await health(
            request.upstream, for_server(request.scope["headers"], body=False), wakes=wakes
        )
        await request.reply.start(status, [*headers, (b"content-length", str(len(body)).encode())])
        await request.reply.part(body)
        await request.reply.end()

    async def close(self) -> None:
        for upstream in self.upstreams.values():
            await upstream.close()


def _sends_on(request: Request) -> bool:
    return not request.reads and has_body(request.scope["headers"])


async def _while_wanted(work: Coroutine[Any, Any, None], incoming: Incoming) -> None:
    """Until the work is done or the caller has gone, which ends the work. Raises Refused where the
    body is one that cannot be kept."""
    doing, watching = asyncio.ensure_future(work), asyncio.ensure_future(incoming.watch())
    try:
        await asyncio.wait({doing, watching}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            doing.result()
    finally:
        for task in (doing, watching):
            task.cancel()
        await asyncio.wait({doing, watching})
    if not doing.cancelled():
        doing.result()
    elif not watching.cancelled():
        watching.result()


def _deadline(scope: Scope) -> float | None:
    """The caller's own X-Deadline-Seconds; what is none is for the server to refuse."""
    try:
        seconds = float(first(scope["headers"], b"x-deadline-seconds"))
    except ValueError:
        return None
    return seconds if seconds > 0 else None
