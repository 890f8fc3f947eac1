"""One request, one answer: nothing is repeated, nothing raised, and a key goes only where it is
meant to be tried."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from gpuvoice.addresses import DIRECT, shown
from gpuvoice.answers import body_of
from gpuvoice.secret import Secret
from gpuvoice.version import __version__

ANSWER_SECONDS = 10.0


@dataclass(frozen=True)
class Answer:
    """Of a server that answered: `at` is the time here, in the middle of the call. Of one that did
    not: `error` says why, and `status` is 0."""

    url: str
    status: int = 0
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    at: float = 0.0
    error: str = ""

    @property
    def there(self) -> bool:
        return not self.error

    @property
    def said(self) -> str:
        """The server's own sentence, or its status."""
        return str(self.body.get("error") or f"it answered {self.status}")


class Asker:
    def __init__(self, key: Secret, transport: httpx.BaseTransport | None = None) -> None:
        self._key = key
        self._client = httpx.Client(
            headers={"User-Agent": f"gpuvoice-doctor/{__version__}"},
            timeout=ANSWER_SECONDS,
            transport=transport,
            mounts=DIRECT,
        )

    def __enter__(self) -> Asker:
        return self

    def __exit__(self, *raised: object) -> None:
        self._client.close()

    def look(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """GET without a key, neither as a header nor in the URL: with one, it would wake a GPU."""
        return self._answer("GET", shown(url), headers, None)

    def preflight(self, url: str, headers: Mapping[str, str]) -> Answer:
        return self._answer("OPTIONS", shown(url), headers, None)

    def try_key(self, method: str, url: str, body: Mapping[str, Any] | None = None) -> Answer:
        """With the key, as the clients send it."""
        headers = {"X-API-Key": self._key.reveal()} if self._key else {}
        return self._answer(method, url, headers, body)

    def _answer(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
    ) -> Answer:
        began = time.time()
        try:
            response = self._client.request(method, url, headers=headers, json=body)
        except httpx.HTTPError as error:
            return Answer(shown(url), error=str(error) or type(error).__name__)
        at = (began + time.time()) / 2
        return Answer(shown(url), response.status_code, body_of(response), response.headers, at)
