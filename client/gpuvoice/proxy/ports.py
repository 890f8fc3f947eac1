"""The proxy's ports in one event loop, from the first call to an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from gpuvoice.config import ClientConfig
from gpuvoice.proxy.addresses import check_no_circle, listen
from gpuvoice.proxy.calls import Calls
from gpuvoice.proxy.contract import Contract, area_of
from gpuvoice.proxy.desk import Desk
from gpuvoice.proxy.desk import area_of as desk_area_of
from gpuvoice.proxy.door import Door
from gpuvoice.proxy.guard import Guard
from gpuvoice.proxy.passage import Passage
from gpuvoice.proxy.settings import ProxySettings
from gpuvoice.proxy.upstream import Role, Upstream
from gpuvoice.secret import Secret

KEEPALIVE_SECONDS = 75
SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass
class Port:
    """A listening port and what answers there."""

    app: ASGIApp
    sockets: list[socket.socket]

    @property
    def number(self) -> int:
        return int(self.sockets[0].getsockname()[1])


class Proxy:
    """Listens from the moment it is made; `serve` answers until `stop`. Raises ConfigError."""

    def __init__(self, settings: ProxySettings, config: ClientConfig) -> None:
        check_no_circle(settings, config)
        self.settings, self.config = settings, config
        self._passage = Passage(settings, _upstreams(settings, config), Calls())
        guard = Guard(settings)
        apps: dict[str, ASGIApp] = {}
        if not settings.local:
            apps["TTS_PORT"] = Door(Contract("speech", self._passage), guard, area_of)
            apps["WHISPERX_PORT"] = Door(Contract("recognition", self._passage), guard, area_of)
        apps["PROXY_PORT"] = Door(Desk(self._passage), guard, desk_area_of)
        ports = {variable: port for port, variable in settings.port_variables().items()}
        self.ports: dict[str, Port] = {}
        for variable, app in apps.items():
            try:
                sockets = listen(settings.host, ports[variable], variable)
            except BaseException:
                self._close_sockets()
                raise
            self.ports[variable] = Port(app, sockets)
        self._servers = [_Server(_uvicorn(port.app, settings)) for port in self.ports.values()]

    async def serve(self, on_ready: Callable[[], None] = lambda: None) -> None:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, self.stop)
        try:
            on_ready()
            await asyncio.gather(
                *(
                    server.serve(port.sockets)
                    for server, port in zip(self._servers, self.ports.values(), strict=True)
                )
            )
        finally:
            await self._passage.close()

    @property
    def upstreams(self) -> Mapping[Role, Upstream]:
        return self._passage.upstreams

    @property
    def calls(self) -> Calls:
        return self._passage.calls

    def stop(self) -> None:
        """Take no more calls; those under way have a few seconds, or none if asked twice."""
        self._passage.stop()
        for server in self._servers:
            server.force_exit = server.should_exit
            server.should_exit = True

    def _close_sockets(self) -> None:
        for port in self.ports.values():
            for each in port.sockets:
                each.close()


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals end all ports together, not one server."""
        yield


def _uvicorn(app: ASGIApp, settings: ProxySettings) -> uvicorn.Config:
    # What it logs of requests holds paths and addresses; errors are told by the door.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    return uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEPALIVE_SECONDS,
        timeout_graceful_shutdown=settings.graceful_seconds,
    )


def _upstreams(settings: ProxySettings, config: ClientConfig) -> dict[Role, Upstream]:
    key = config.api_key
    found: dict[Role, Upstream] = {
        "speech": Upstream("speech", config.speech_url, key),
        "recognition": Upstream("recognition", config.recognition_url, key),
    }
    if not settings.local:
        found["power"] = Upstream("power", config.power_url, key)
    return found


def local_config(settings: ProxySettings, api_key: str | None) -> ClientConfig:
    """The servers of `make run` on this machine. The key of a file is that of a cloud: it is not
    for them."""
    return ClientConfig(
        speech_url=f"http://localhost:{settings.tts_port}",
        recognition_url=f"http://localhost:{settings.whisperx_port}",
        api_key=Secret(api_key.strip()) if api_key else settings.local_key,
    )
