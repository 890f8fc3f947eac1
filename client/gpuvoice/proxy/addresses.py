"""Sockets made before anything starts, so that a port in use is told in words."""

from __future__ import annotations

import errno
import socket
import sys

import httpx

from gpuvoice.addresses import is_loopback
from gpuvoice.config import ClientConfig
from gpuvoice.errors import ConfigError
from gpuvoice.proxy.settings import LOOPBACK, ProxySettings

BACKLOG = 256


def listen(host: str, port: int, variable: str) -> list[socket.socket]:
    """Listening sockets: for localhost on both loopback addresses. Raises ConfigError."""
    hosts = ["127.0.0.1", "::1"] if host == LOOPBACK else [host]
    found: list[socket.socket] = []
    for each in hosts:
        try:
            found.append(_bound(each, port))
        except OSError as error:
            if each == "::1" and error.errno != errno.EADDRINUSE:
                continue  # a machine without IPv6
            for made in found:
                made.close()
            raise ConfigError(_taken(each, port, variable, error)) from None
        port = int(found[0].getsockname()[1])
    return found


def check_no_circle(settings: ProxySettings, config: ClientConfig) -> None:
    """Raises ConfigError where the proxy would call itself."""
    for url in (config.speech_url, config.recognition_url, config.power_url):
        parsed = httpx.URL(url)
        port = parsed.port or {"http": 80, "https": 443}[parsed.scheme]
        if is_loopback(parsed.host) and port in settings.port_variables():
            raise ConfigError(
                f"The proxy would call itself: it listens on port {port} of this machine. Name "
                "your servers: gpuvoice proxy --url https://gpu.example.com, or `gpuvoice config "
                "init`. For the servers of `make run`: gpuvoice proxy --local."
            )


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small parts at once only where the protocol is named.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform == "win32":
            # SO_REUSEADDR there lets two programs have one port.
            made.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if ":" in host:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((host, port))
        made.listen(BACKLOG)
    except OSError:
        made.close()
        raise
    made.setblocking(False)
    return made


def _taken(host: str, port: int, variable: str, error: OSError) -> str:
    airplay = " (on a Mac: AirPlay Receiver)" if port == 5000 else ""
    return (
        f"Port {port} of {host} cannot be used: {error.strerror}. End the program that uses it"
        f"{airplay}, or choose another port: {variable}={port + 10}"
    )
