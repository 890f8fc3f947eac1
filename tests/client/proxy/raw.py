"""Calls by hand over a socket: what comes, part by part, and a caller who goes."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Part:
    """Bytes of an answer, and when they came, in seconds since the request."""

    at: float
    data: bytes


def open_call(url: str, body: object, **headers: str) -> socket.socket:
    """A POST of JSON, sent; HTTP/1.1, the connection is to end after it."""
    parts = urlsplit(url)
    data = json.dumps(body).encode()
    lines = [
        f"POST {parts.path} HTTP/1.1", f"Host: localhost:{parts.port}", "Connection: close",
        "Content-Type: application/json", f"Content-Length: {len(data)}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]  # fmt: skip
    made = socket.create_connection(("127.0.0.1", parts.port or 80), timeout=60)
    made.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + data)
    return made


def read_parts(call: socket.socket) -> list[Part]:
    """Everything until the other side closes."""
    began = time.monotonic()
    found = []
    while data := call.recv(65536):
        found.append(Part(time.monotonic() - began, data))
    call.close()
    return found


def split(answer: bytes) -> tuple[int, bytes, list[bytes]]:
    """Status, head, and the chunks of a chunked body; the last one is empty if it was ended."""
    head, _, rest = answer.partition(b"\r\n\r\n")
    assert b"transfer-encoding: chunked" in head.lower(), head
    chunks = []
    while rest:
        length, _, rest = rest.partition(b"\r\n")
        size = int(length, 16)
        chunks.append(rest[:size])
        rest = rest[size + 2 :]
    return int(head.split(b" ")[1]), head, chunks
