"""One server behind the proxy: where it is, how it is asked, and when it last answered well."""

from __future__ import annotations

import base64
import socket
import time
import urllib.request
from collections.abc import AsyncIterator
from typing import Any, Literal

import httpx

from gpuvoice.addresses import is_loopback, shown
from gpuvoice.errors import ConfigError
from gpuvoice.proxy.headers import Raw
from gpuvoice.secret import Secret
from gpuvoice.trusted import authorities

Role = Literal["speech", "recognition", "power"]
CONNECT_SECONDS = 4.0
# An answer may take hours; whether the other side still exists is for TCP to ask.
PATIENT = {"connect": CONNECT_SECONDS, "read": None, "write": None, "pool": None}
KEEPALIVE = (("TCP_KEEPIDLE", 30), ("TCP_KEEPALIVE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 6))


class Upstream:
    """`url` may carry a path, and user information, which serves where there is no key."""

    def __init__(self, role: Role, url: str, key: Secret) -> None:
        parsed = httpx.URL(url)
        self.role = role
        self.shown = shown(url)
        self._base = httpx.URL(self.shown)
        self._authorization = _authorization(key, parsed)
        self._client = httpx.AsyncClient(transport=_transport(parsed))
        self.good_at: float | None = None
        self.health: dict[str, Any] = {}

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return str(self._base.copy_with(path="/")).rstrip("/")

    @property
    def path(self) -> str:
        """What its URL has behind the host, without a slash at the end."""
        return self._base.path.rstrip("/")

    @property
    def has_key(self) -> bool:
        return self._authorization is not None

    @property
    def tells_key(self) -> bool:
        """Whether whoever is on the way can read the key."""
        return self.has_key and self._base.scheme == "http" and not is_loopback(self._base.host)

    def fresh(self, seconds: float) -> bool:
        """Whether it answered well within that time."""
        return self.good_at is not None and time.monotonic() - self.good_at < seconds

    def note_good(self) -> None:
        self.good_at = time.monotonic()

    def note_bad(self) -> None:
        """It is asked first before it gets work again; that it once was there is kept."""
        if self.good_at is not None:
            self.good_at = float("-inf")

    async def send(
        self,
        method: str,
        target: str,
        headers: Raw,
        content: AsyncIterator[bytes] | bytes | None = None,
        *,
        with_key: bool = True,
    ) -> httpx.Response:
        """The answer with its body still to be read; close it. Raises httpx.TransportError.

        `target` is the path below the server's URL and the query, as they came.
        """
        given = list(headers)
        if with_key and self._authorization is not None:
            given.append(self._authorization)
        request = httpx.Request(
            method,
            self._url(target),
            headers=given,
            content=content,
            extensions={"timeout": PATIENT},
        )
        return await self._client.send(request, stream=True)

    def _url(self, target: str) -> httpx.URL:
        path = self._base.raw_path.rstrip(b"/") + target.encode("ascii")
        return self._base.copy_with(raw_path=path)

    async def close(self) -> None:
        await self._client.aclose()


def _authorization(key: Secret, url: httpx.URL) -> tuple[bytes, bytes] | None:
    if key:
        return b"X-API-Key", key.reveal().encode()
    if url.userinfo:
        pair = f"{url.username}:{url.password}".encode()
        return b"Authorization", b"Basic " + base64.b64encode(pair)
    return None


def _transport(url: httpx.URL) -> httpx.AsyncHTTPTransport:
    """Raises ConfigError."""
    proxy = _proxy_to(url)
    try:
        return httpx.AsyncHTTPTransport(
            verify=authorities(),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=32),
            proxy=proxy,
            socket_options=_keepalive(),
        )
    except (ImportError, ValueError, httpx.InvalidURL):
        raise ConfigError(
            "The network's proxy (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY) cannot be used: write it "
            "like http://proxy.example.com:3128, or name the servers in NO_PROXY."
        ) from None


def _proxy_to(url: httpx.URL) -> str | None:
    """The network's own proxy, as the environment or the system has it; none to this machine."""
    if is_loopback(url.host) or urllib.request.proxy_bypass(url.netloc.decode("ascii")):
        return None
    known = urllib.request.getproxies()
    found = known.get(url.scheme) or known.get("all")
    return f"http://{found}" if found and "://" not in found else found


def _keepalive() -> list[tuple[int, int, int]]:
    """A peer that is gone without a word is noticed within a minute and a half."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    for name, value in KEEPALIVE:
        number = getattr(socket, name, None)
        if number is not None:
            options.append((socket.IPPROTO_TCP, number, value))
    return options
