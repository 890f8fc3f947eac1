"""The proxy on free ports, in a thread of this process, with times that suit a test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from gpuvoice.config import ClientConfig
from gpuvoice.proxy.ports import Proxy
from gpuvoice.proxy.settings import ProxySettings
from gpuvoice.secret import Secret
from tests.patience import until
from tests.servers import free_ports

SECRET = "gv_proxy-test-s"
QUICK: dict[str, Any] = {
    "heartbeat_seconds": 0.2,
    "least_wait_seconds": 0.05,
    "most_wait_seconds": 0.2,
    "gone_seconds": 20,
    "never_there_seconds": 0.2,
    "graceful_seconds": 1,
}


@dataclass(frozen=True)
class Proxied:
    """Base URLs, without a slash at the end; `speech` and `recognition` are empty with `local`."""

    speech: str
    recognition: str
    console: str
    proxy: Proxy


@contextmanager
def proxy_before(
    speech: str, recognition: str = "", power: str = "", *, key: str = SECRET, **settings: Any
) -> Iterator[Proxied]:
    """A proxy before servers at these URLs; answering, and gone in the end."""
    tts, whisperx, console = free_ports(3)
    config = ClientConfig(
        speech_url=speech,
        recognition_url=recognition or speech,
        power_url=power or f"{speech}/power",
        api_key=Secret(key),
    )
    ports = {"tts_port": tts, "whisperx_port": whisperx, "proxy_port": console}
    made = Proxy(ProxySettings(**{**QUICK, **ports, **settings}), config)
    ready = threading.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        await made.serve(ready.set)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        until(ready.is_set)
        urls = [f"http://localhost:{port}" for port in (tts, whisperx, console)]
        yield Proxied(urls[0], urls[1], urls[2], made)
    finally:
        loops[0].call_soon_threadsafe(made.stop)
        thread.join(20)
        assert not thread.is_alive()
