"""Calls that end early: because the proxy is stopped, or because the caller goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from gpuvoice.proxy.calls import Calls
from gpuvoice.proxy.incoming import Incoming, Room
from gpuvoice.proxy.patience import Patience
from gpuvoice.proxy.readiness import Readiness
from gpuvoice.proxy.reply import Reply
from gpuvoice.proxy.settings import ProxySettings
from gpuvoice.proxy.upstream import Upstream
from gpuvoice.proxy.work import Work
from gpuvoice.secret import Secret
from tests.client.proxy.running import proxy_before
from tests.client.proxy.scripted import Line, Scripted
from tests.client.proxy.sleeping import calls_of, later
from tests.patience import until

STOPPED = {"success": False, "error": "The proxy is being stopped."}


def asleep(line: Line) -> None:
    line.tell(503, {"state": "starting", "eta_seconds": 60, "error": "It starts."}, Retry_After="1")


def silent(line: Line) -> None:
    line.gone()


@pytest.mark.parametrize("path", ["/something/else", "/generate"])
def test_calls_that_wait_are_told_at_once_that_the_proxy_stops(
    upstream: Scripted, path: str
) -> None:
    upstream.on["/ready"] = [asleep]
    # Longer than the end of the proxy may take here.
    with proxy_before(upstream.url, graceful_seconds=60, heartbeat_seconds=30) as proxied:
        call = later(proxied.speech + path, {"text": "x"})
        until(lambda: bool(calls_of(proxied)) and calls_of(proxied)[0]["state"] == "waiting")
    answer = call.result()
    assert (answer.status_code, answer.json()) == (503, STOPPED)
    assert path not in upstream.paths()


def test_a_call_that_was_sent_has_its_moment_and_is_then_told(upstream: Scripted) -> None:
    upstream.on["/generate"] = [silent]
    with proxy_before(upstream.url, graceful_seconds=1, heartbeat_seconds=30) as proxied:
        call = later(f"{proxied.speech}/generate", {"text": "x"})
        until(lambda: "/generate" in upstream.paths())
    answer = call.result()
    assert (answer.status_code, answer.json()) == (503, STOPPED)


class Body(httpx.AsyncByteStream):
    """Of an answer whose head has come."""

    closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b""

    async def aclose(self) -> None:
        self.closed = True


@pytest.mark.parametrize("turns", range(5))
def test_an_answer_whose_head_comes_as_the_caller_goes_is_closed(turns: int) -> None:
    asyncio.run(_leave_after(turns))


async def _leave_after(turns: int) -> None:
    body = Body()
    head = asyncio.Event()

    async def send() -> httpx.Response:
        await head.wait()
        return httpx.Response(200, stream=body)

    with Incoming(never, 1, Room(1)) as incoming:  # type: ignore[arg-type]
        leaving = asyncio.ensure_future(_work(incoming)._beating(send()))
        for _ in range(5):
            await asyncio.sleep(0)
        head.set()
        for _ in range(turns):
            await asyncio.sleep(0)
        was_done = leaving.done()
        leaving.cancel()
        await asyncio.wait({leaving})
    # Who has it closes it.
    assert body.closed is not was_done


async def never(*_: object) -> None:
    await asyncio.Event().wait()


def _work(incoming: Incoming) -> Work:
    settings = ProxySettings()
    upstream = Upstream("speech", "http://localhost:1", Secret())
    call = Calls().begin("/generate", "client")
    return Work(
        settings, upstream, Readiness(upstream), "/generate", [], incoming, Reply(never), call,
        asyncio.Event(), beats=True, patience=Patience(settings),
    )  # fmt: skip
