"""A request as bytes, and the ways in which it may be answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Flag, auto


class Allowed(Flag):
    """Beside a refusal (4xx, or 503 with Retry-After) that says why in JSON."""

    REFUSAL = 0
    PASS = auto()  # a success
    CLOSE = auto()  # an end of the connection without an answer
    PLAIN = auto()  # a refusal by the HTTP server itself, before the application


BROKEN = Allowed.CLOSE | Allowed.PLAIN
ANYTHING = Allowed.PASS | Allowed.CLOSE | Allowed.PLAIN


@dataclass(frozen=True, slots=True)
class RawRequest:
    """`half_close` ends the sending side after the last byte. `group` is for the report."""

    group: str
    name: str
    path: str
    data: bytes
    allowed: Allowed = Allowed.REFUSAL
    half_close: bool = False
    method: str = "POST"

    @property
    def shown(self) -> str:
        start = repr(self.data[:400])
        more = len(self.data) - 400
        ending = f" and {more} bytes more" if more > 0 else ""
        return start + ending + (", then the sending side is closed" if self.half_close else "")


def http(
    host: str,
    path: str,
    body: bytes = b"",
    headers: Mapping[str, str | bytes] | None = None,
    *,
    method: str = "POST",
    version: str = "1.1",
) -> bytes:
    """A request with a right Content-Length. A header of `None`'s place is left out by name."""
    lines: dict[str, str | bytes] = {"Host": host}
    if method not in ("GET", "HEAD", "OPTIONS", "TRACE") or body:
        lines |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    lines |= headers or {}
    head = f"{method} {path} HTTP/{version}\r\n".encode()
    for name, value in lines.items():
        head += name.encode() + b": " + (value if isinstance(value, bytes) else value.encode())
        head += b"\r\n"
    return head + b"\r\n" + body
