"""The front door as a caller uses it: HTTPS to a load balancer, by its name."""

from __future__ import annotations

import ssl
from types import TracebackType
from typing import Any

import httpx

from tests.emulator.emulator import Emulator


class Door:
    """`host` is the load balancer's DNS name; connections go to its ports on this machine."""

    def __init__(self, emulator: Emulator, host: str, *, seconds: float = 60) -> None:
        self.host = host
        self._https, self._http = emulator.https, emulator.http
        self._client = httpx.Client(
            verify=ssl.create_default_context(cafile=str(emulator.authority)),
            headers={"Host": host},
            trust_env=False,
            timeout=seconds,
            limits=httpx.Limits(max_connections=64),
        )

    def __enter__(self) -> Door:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._client.get(self._https + path, headers=_spelt(headers))

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return self._client.post(self._https + path, json=body, headers=_spelt(headers))

    def delete(self, path: str, **headers: str) -> httpx.Response:
        return self._client.delete(self._https + path, headers=_spelt(headers))

    def get_without_tls(self, path: str) -> httpx.Response:
        return self._client.get(self._http + path)


def _spelt(headers: dict[str, str]) -> dict[str, str]:
    """Keyword `X_API_Key` as the header `X-API-Key`."""
    return {name.replace("_", "-"): value for name, value in headers.items()}
