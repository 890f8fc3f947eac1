"""One server over HTTP: ask, wait while it sleeps or is busy, and believe only success."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from gpuvoice.addresses import DIRECT, shown, user_of
from gpuvoice.answers import (
    KEY_ADVICE,
    NO_KEY,
    NO_SUCH_PATH,
    PASSING,
    TRY_AGAIN,
    body_of,
    error_of,
    status_of,
)
from gpuvoice.connecting import in_words
from gpuvoice.errors import GpuVoiceError, KeyRefused, RequestRefused, Unreachable
from gpuvoice.secret import Secret
from gpuvoice.trusted import authorities
from gpuvoice.waiting import FINAL, OnWait, Waiting, waiting_for

# A working server gives a sign of life every 15 s; a quarter of an hour fits one that gives none.
SILENCE_SECONDS = 900.0
CONNECT_SECONDS = 10.0
# A server that answered before is asked again for so long when it is gone: it may be restarting.
RETURN_SECONDS, GONE_SECONDS = 120.0, 2.0
# A load balancer takes 1 MB for a sleeping GPU; more is sent to one that is known to be awake.
SLEEPING_BYTES = 900_000
AWAKE_SECONDS = 60.0
# A refusal after so long is none at the door: it had begun to work.
WORKED_SECONDS = 60.0
CONNECTIONS = 64

Itself = TypeVar("Itself", bound="Server")


@dataclass(frozen=True)
class Patience:
    """For how long a call is repeated: `busy_seconds` while the server says that it sleeps or is
    busy, `gone_seconds` while nobody answers at an address where somebody did before."""

    busy_seconds: float = 1800.0
    gone_seconds: float = RETURN_SECONDS


class Server:
    """A server at `url`, which may carry a path and user information.

    `transport` stands in for the network (httpx.WSGITransport calls a Flask app in this process).
    `on_wait` hears of each wait before it begins.
    """

    def __init__(
        self,
        name: str,
        url: str,
        key: Secret,
        *,
        transport: httpx.BaseTransport | None = None,
        patience: Patience | None = None,
        on_wait: OnWait | None = None,
        silence_seconds: float = SILENCE_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        # Without what is secret in it: whoever logs requests logs their URLs.
        self.url = shown(url)
        self._patience = patience or Patience()
        self._on_wait = on_wait or (lambda waiting: None)
        self._sleep = sleep
        self._good_at: float | None = None
        self._has_key = bool(key) or user_of(url) is not None
        self._client = httpx.Client(
            headers={"X-API-Key": key.reveal()} if key else {},
            auth=user_of(url),
            timeout=httpx.Timeout(silence_seconds, connect=CONNECT_SECONDS, pool=None),
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            verify=authorities(),
            transport=transport,
            mounts=DIRECT,
        )

    def __enter__(self: Itself) -> Itself:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({shown(self.url)!r})"

    def close(self) -> None:
        """Close all connections; calls under way in other threads end with an error."""
        self._client.close()

    def look(self, path: str, *, seconds: float = CONNECT_SECONDS) -> tuple[int, dict[str, Any]]:
        """Status and JSON of a GET, once, whatever they are. Raises Unreachable."""
        response = self._send("GET", path, None, seconds)
        return response.status_code, body_of(response)

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        wait: bool = True,
        twice: bool = True,
    ) -> dict[str, Any]:
        """The JSON of a good answer; without `wait` a busy server is an error at once.

        `twice`: whether it may be sent again when it is unknown if it was done already. Raises
        Unreachable, KeyRefused, RequestRefused, NotReady or ServerFailed.
        """
        content = None if body is None else json.dumps(body).encode()
        ends = _Ends(self._patience)
        if wait and content is not None and len(content) > SLEEPING_BYTES:
            self._until_awake(ends)
        return self._repeat(_Call(method, path, content, wait, twice, headers or {}), ends)

    def lines(self, path: str) -> Iterator[str]:
        """The lines of a GET as they come, without empty ones, which are signs of life. Raises
        Unreachable where they break off, and otherwise as `ask`."""
        rest = b""
        try:
            with self._client.stream("GET", self.url + path) as response:
                if response.status_code != httpx.codes.OK:
                    response.read()
                    raise self._error(path, response)
                self._good_at = time.monotonic()
                for part in response.iter_bytes():
                    *whole, rest = (rest + part).split(b"\n")
                    yield from (line.decode() for line in whole if line.strip())
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise Unreachable(self._nobody(error)) from error

    def pause(self, seconds: float) -> None:
        """Before the next try."""
        self._sleep(seconds)

    def _repeat(self, call: _Call, ends: _Ends) -> dict[str, Any]:
        while True:
            sent_at = time.monotonic()
            try:
                response = self._send(call.method, call.path, call.content, headers=call.headers)
            except Unreachable as nobody:
                if not call.wait or not self._may_return(nobody, call.twice):
                    raise
                self._pause(nobody, Waiting(GONE_SECONDS, "", str(nobody)), ends.gone())
                continue
            found = body_of(response)
            status = status_of(response, found)
            if status < 300 and found:
                self._good_at = time.monotonic()
                return found
            error = self._error(call.path, response)
            waiting = waiting_for(found, response.headers.get("Retry-After"))
            if call.wait and call.twice and status in PASSING:
                self._pause(error, waiting, ends.gone())
            elif call.wait and status in TRY_AGAIN and waiting.state not in FINAL:
                self._pause(error, waiting, ends.busy(sent_at))
            else:
                raise error

    def _error(self, path: str, response: httpx.Response) -> GpuVoiceError:
        found = body_of(response)
        status = status_of(response, found)
        if status == 401 and not self._has_key:
            return KeyRefused(f"The {self.name} {NO_KEY} {KEY_ADVICE}")
        return error_of(self.name, path, status, found, response.headers)

    def _may_return(self, error: Unreachable, twice: bool) -> bool:
        """Whether somebody was there before, so that it is worth waiting for."""
        cut_off = isinstance(error.__cause__, (httpx.NetworkError, httpx.RemoteProtocolError))
        if isinstance(error.__cause__, httpx.ConnectError):
            return self._good_at is not None
        return cut_off and twice

    def wait_until_ready(self) -> bool:
        """Ask until it is ready, which wakes a GPU that sleeps; False of a server that cannot be
        asked. Raises as `ask` does."""
        return self._until_ready(_Ends(self._patience))

    def _until_awake(self, ends: _Ends) -> None:
        """A large body must not meet a sleeping GPU: its load balancer would refuse it."""
        if self._good_at is None or time.monotonic() - self._good_at > AWAKE_SECONDS:
            self._until_ready(ends)

    def _until_ready(self, ends: _Ends) -> bool:
        try:
            self._repeat(_Call("GET", "/ready"), ends)
        except RequestRefused as error:
            if error.status not in NO_SUCH_PATH:
                raise
            return False
        return True

    def _pause(self, error: GpuVoiceError, waiting: Waiting, end: float) -> None:
        if time.monotonic() + waiting.seconds > end:
            raise error
        self._on_wait(waiting)
        self._sleep(waiting.seconds)

    def _send(
        self,
        method: str,
        path: str,
        content: bytes | None,
        seconds: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        json_type = {} if content is None else {"Content-Type": "application/json"}
        timeout = self._client.timeout if seconds is None else httpx.Timeout(seconds)
        try:
            return self._client.request(
                method,
                self.url + path,
                content=content,
                headers={**json_type, **(headers or {})},
                timeout=timeout,
            )
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise Unreachable(self._nobody(error)) from error

    def _nobody(self, error: Exception) -> str:
        return f"No answer from the {self.name} at {self.url}: {in_words(error)}"


@dataclass(frozen=True)
class _Call:
    method: str
    path: str
    content: bytes | None = None
    wait: bool = True
    twice: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)


class _Ends:
    """Until when one call is repeated."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._busy: float | None = None
        self._gone: float | None = None

    def busy(self, sent_at: float) -> float:
        """Counted from the first time that the server was busy, and anew after it has worked."""
        now = time.monotonic()
        if self._busy is None or now - sent_at > WORKED_SECONDS:
            self._busy = now + self._patience.busy_seconds
        self._gone = None
        return self._busy

    def gone(self) -> float:
        """Counted from the first time that nobody answered."""
        if self._gone is None:
            self._gone = time.monotonic() + self._patience.gone_seconds
        return self._gone
