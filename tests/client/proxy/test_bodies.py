"""Bodies that cannot be kept are refused in words, and what was kept is given back."""

from __future__ import annotations

import asyncio
import tempfile
import threading

import pytest
from starlette.types import Message

from gpuvoice.proxy.incoming import MEMORY_BYTES, MIB, Incoming, Room
from gpuvoice.proxy.refused import Refused
from tests import web
from tests.client.proxy.raw import open_call
from tests.client.proxy.running import Proxied, proxy_before
from tests.client.proxy.scripted import Line, Scripted
from tests.client.proxy.sleeping import calls_of
from tests.patience import until

LARGE = {"text": "x" * (MEMORY_BYTES + 500_000)}


def asleep(line: Line) -> None:
    line.tell(503, {"state": "starting", "eta_seconds": 60, "error": "It starts."}, Retry_After="1")


def done(line: Line) -> None:
    line.tell(200, {"success": True})


@pytest.mark.parametrize("path", ["/generate", "/power/start"])
def test_a_full_disk_is_told(
    upstream: Scripted, before: Proxied, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    upstream.on[path] = [done]
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
    answer = web.post(before.speech + path, json=LARGE, trust_env=False, timeout=30)
    assert (answer.status_code, answer.json()["success"]) == (507, False)
    assert "no room for the body in the temporary folder" in answer.json()["error"]
    assert "/nowhere" not in answer.text


def test_a_full_disk_is_told_at_once_to_a_call_that_waits(
    upstream: Scripted, before: Proxied, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream.on["/ready"] = [asleep]
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
    answer = web.post(f"{before.speech}/generate", json=LARGE, trust_env=False, timeout=30)
    assert 507 in (answer.status_code, answer.json().get("status"))
    (call,) = calls_of(before)
    assert (call["state"], call["status"]) == ("failed", 507)
    assert "no room" in call["error"]


def test_a_body_without_a_length_that_is_too_large_is_refused_though_nobody_is_awake(
    upstream: Scripted,
) -> None:
    upstream.on["/ready"] = [asleep]
    with proxy_before(upstream.url, spool_mib=2, heartbeat_seconds=30) as proxied:
        parts = (b"x" * MIB for _ in range(9))
        answer = web.post(f"{proxied.speech}/generate", content=parts, trust_env=False)
        assert (answer.status_code, "2 MiB" in answer.json()["error"]) == (413, True)
        assert calls_of(proxied)[0]["status"] == 413
    assert "/generate" not in upstream.paths()


def test_a_body_is_read_up_to_the_limit_and_no_further() -> None:
    read = []

    async def endless() -> Message:
        read.append(MIB)
        return {"type": "http.request", "body": b"x" * MIB, "more_body": True}

    async def watch() -> None:
        with Incoming(endless, 2, Room(9)) as incoming:
            with pytest.raises(Refused, match="2 MiB"):
                await incoming.watch()
            assert incoming.size == 2 * MIB

    asyncio.run(watch())
    assert len(read) == 3


def test_all_bodies_together_have_a_limit_and_leave_room_when_they_go(upstream: Scripted) -> None:
    upstream.on["/ready"] = [asleep]
    with proxy_before(upstream.url, spools_mib=2, heartbeat_seconds=30) as proxied:
        url = f"{proxied.speech}/generate"
        with open_call(url, LARGE):
            until(lambda: bool(calls_of(proxied)) and calls_of(proxied)[0]["state"] == "waiting")
            answer = web.post(url, json=LARGE, trust_env=False, timeout=30)
            assert answer.status_code == 503
            assert "MiB already" in answer.json()["error"]
            assert "Retry-After" in answer.headers
        until(lambda: calls_of(proxied)[-1]["state"] == "cancelled")
        with open_call(url, LARGE):
            until(lambda: calls_of(proxied)[0]["state"] == "waiting")
            until(lambda: len(upstream.of("/ready")) > 3)
            assert calls_of(proxied)[0]["state"] == "waiting"


def test_what_goes_to_the_disk_is_written_beside_the_other_calls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    writers = []
    monkeypatch.setattr(
        Incoming, "_write", lambda self, data: writers.append(threading.current_thread())
    )
    messages: list[Message] = [
        {"type": "http.request", "body": b"x" * MEMORY_BYTES, "more_body": True},
        {"type": "http.request", "body": b"x", "more_body": False},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return messages.pop(0)

    async def read() -> None:
        with Incoming(receive, 512, Room(512)) as incoming:
            await incoming.watch()

    asyncio.run(read())
    assert [each is threading.main_thread() for each in writers] == [True, False]


def test_room_is_counted() -> None:
    room = Room(1)
    room.take(MIB)
    with pytest.raises(Refused, match="1 MiB already"):
        room.take(1)
    room.give_back(1)
    room.take(1)
