"""A long call arrives whole through a proxy that cuts connections which carry nothing."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests import web
from tests.patience import until
from tests.servers import free_ports, running_servers
from voicehost.engines.clock import CHARACTERS_PER_SECOND
from voicehost.engines.step_cost import CURVES, FRAMES_PER_SECOND

HAPROXY = shutil.which("haproxy") or "/usr/sbin/haproxy"


def text_of(seconds: float) -> str:
    """A text that the clock engine takes about so long to speak, alone on a T4."""
    frames = seconds / CURVES["t4"].seconds(1)
    words = round(frames / FRAMES_PER_SECOND * CHARACTERS_PER_SECOND / 5)
    return "word " * words


class IdleProxy:
    """Passes bytes on, and closes a connection when neither side sent any for so long."""

    def __init__(self, target: int, idle_seconds: float) -> None:
        self._target = target
        self._idle = idle_seconds
        self._moved = 0.0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        moved = asyncio.Event()

        async def pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                moved.set()
                sink.write(data)
                await sink.drain()

        async def watch() -> None:
            while True:
                moved.clear()
                await asyncio.wait_for(moved.wait(), self._idle)

        tasks = [
            asyncio.create_task(part)
            for part in (pass_on(reader, back), pass_on(there, writer), watch())
        ]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, TimeoutError, OSError):
                await task
        for side in (writer, back):
            side.close()


@contextmanager
def idle_proxy(target: int, idle_seconds: float) -> Iterator[int]:
    """A proxy of our own on a thread; yields its port."""
    (port,) = free_ports(1)
    loop = asyncio.new_event_loop()
    proxy = IdleProxy(target, idle_seconds)
    server = loop.run_until_complete(asyncio.start_server(proxy.serve, "127.0.0.1", port))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


@contextmanager
def haproxy(target: int, idle_seconds: int, folder: Path) -> Iterator[int]:
    """The real HAProxy with the same limit on both sides; yields its port."""
    (port,) = free_ports(1)
    config = folder / "haproxy.cfg"
    config.write_text(
        f"defaults\n mode http\n timeout connect 5s\n timeout client {idle_seconds}s\n"
        f" timeout server {idle_seconds}s\nlisten voice\n bind 127.0.0.1:{port}\n"
        f" server tts 127.0.0.1:{target}\n"
    )
    process = subprocess.Popen([HAPROXY, "-f", str(config)])
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


def speak(port: int, seconds: float) -> httpx.Response:
    url = f"http://127.0.0.1:{port}/generate"
    return web.post(url, json={"text": text_of(seconds)}, timeout=120)


def test_forty_seconds_through_a_limit_of_twenty(tmp_path: Path) -> None:
    answers: dict[str, httpx.Response] = {}
    with running_servers(
        tmp_path, {"VOICE_ENGINE": "clock", "VOICE_PIECE_CHARACTERS": "4000"}
    ) as running:
        target = httpx.URL(running.tts).port or 0
        with contextlib.ExitStack() as stack:
            ports = {"own": stack.enter_context(idle_proxy(target, 20))}
            if Path(HAPROXY).exists():
                ports["haproxy"] = stack.enter_context(haproxy(target, 20, tmp_path))
            for port in ports.values():
                until(partial(_answers, port))

            def call_through(name: str) -> None:
                answers[name] = speak(ports[name], 40)

            calls = [threading.Thread(target=call_through, args=(name,)) for name in ports]
            for call in calls:
                call.start()
            for call in calls:
                call.join()
    assert set(answers) == set(ports)
    for answer in answers.values():
        assert answer.elapsed.total_seconds() > 30
        assert answer.json()["success"] is True
        assert len(answer.text) - len(answer.text.lstrip()) >= 2


def test_without_heartbeats_the_same_proxy_cuts_the_call(tmp_path: Path) -> None:
    settings = {"VOICE_ENGINE": "clock", "VOICE_HEARTBEAT_SECONDS": "100"}
    with (
        running_servers(tmp_path, settings) as running,
        idle_proxy(httpx.URL(running.tts).port or 0, 2) as port,
        pytest.raises(httpx.TransportError),
    ):
        speak(port, 8)


def _answers(port: int) -> bool:
    try:
        return web.get(f"http://127.0.0.1:{port}/health").status_code == 200
    except httpx.TransportError:
        return False
