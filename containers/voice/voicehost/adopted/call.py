"""One HTTP call to a team's application, taken from one thread to another as plain data."""

from __future__ import annotations

import http
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from werkzeug.test import create_environ
from werkzeug.wsgi import ClosingIterator

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

# Of this connection alone (RFC 9110, 7.6.1), or written anew for the answer to the caller.
HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"}
    | {"transfer-encoding", "upgrade", "content-length", "date", "server"}
)
CORS = "access-control-"
# What belongs to the server around: its connection, its context and the caller's key.
OURS = ("werkzeug.", "flask.", "gunicorn.", "voice.", "wsgi.file_wrapper", "wsgi.input_terminated")
KEPT_FROM_TEAM = ("HTTP_X_API_KEY", "HTTP_AUTHORIZATION", "HTTP_TRANSFER_ENCODING")


@dataclass(frozen=True, slots=True)
class Head:
    """Status line and headers of an answer."""

    status: str
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def code(self) -> int:
        return int(self.status.split(" ", 1)[0])

    @property
    def good(self) -> bool:
        return self.code < http.HTTPStatus.BAD_REQUEST

    @property
    def sized(self) -> bool:
        """Whether it says how long the body is: what does not is made while it is sent."""
        return self._value("content-length") is not None

    @property
    def is_json(self) -> bool:
        return (self._value("content-type") or "").startswith("application/json")

    @property
    def passed_on(self) -> list[tuple[str, str]]:
        """The headers that a caller gets."""
        return [
            (name, value)
            for name, value in self.headers
            if name.lower() not in HOP_BY_HOP and not name.lower().startswith(CORS)
        ]

    def _value(self, wanted: str) -> str | None:
        return next((value for name, value in self.headers if name.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the team's application said, whole."""

    head: Head
    body: bytes = b""

    @property
    def fields(self) -> dict[str, Any] | None:
        """The JSON object in the body; None when there is none."""
        if not self.head.is_json:
            return None
        try:
            found = json.loads(self.body)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None


# In the place of an answer that the application could not give.
FAULT = Answer(Head("500 INTERNAL SERVER ERROR"))


@dataclass(frozen=True, slots=True)
class Call:
    """A request with its whole body: nothing in it waits for the caller any more.

    `streams` says that its caller takes an answer in parts, as they come.
    """

    environ: WSGIEnvironment
    streams: bool = False

    @classmethod
    def of(cls, environ: Mapping[str, Any], body: bytes, *, streams: bool) -> Call:
        """The request of this WSGI environment, without what is the server's own."""
        kept = {
            name: value
            for name, value in environ.items()
            if not name.startswith(OURS) and name not in KEPT_FROM_TEAM
        }
        kept |= {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        return cls(kept, streams)

    @classmethod
    def get(cls, path: str) -> Call:
        """A request of the server's own."""
        return cls(create_environ(path))

    def put_to(self, app: WSGIApplication) -> tuple[Head, ClosingIterator]:
        """Run the application up to the first part of its answer; the parts make it run on.

        The parts have to be closed. Both raise what the application raises.
        """
        begun: list[Head] = []
        first: list[bytes] = []

        def start(status: str, headers: list[tuple[str, str]], *_: object) -> Callable[..., object]:
            begun.append(Head(status, tuple(headers)))
            return first.append

        parts = ClosingIterator(app(self.environ, start))
        try:
            first.append(next(parts, b""))
        except BaseException:
            parts.close()
            raise
        return begun[-1], ClosingIterator(chain(first, parts), [parts.close])
