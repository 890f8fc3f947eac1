"""Servers that answer as they are told, and one that cuts connections."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from gpuvoice.http import Patience, Server
from gpuvoice.secret import Secret
from gpuvoice.waiting import Waiting

GOOD: dict[str, Any] = {"success": True, "text": "hello"}
URL = "http://server/tts"
Answer = tuple[int, dict[str, str], "str | dict[str, Any]"]


def busy(status: int = 503, retry_after: str = "1", **told: Any) -> Answer:
    return status, {"Retry-After": retry_after}, {"success": False, "error": "Not now.", **told}


@dataclass
class Scripted(httpx.BaseTransport):
    """Gives these answers in turn; an exception is raised instead. `asked`: method and path."""

    answers: list[Answer | Exception]
    asked: list[str] = field(default_factory=list)
    headers: list[httpx.Headers] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.method} {request.url.path}")
        self.headers.append(request.headers)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, headers, body = answer
        text = body if isinstance(body, str) else json.dumps(body)
        return httpx.Response(status, headers=headers, text=text)


@dataclass
class Call:
    """One server, what it was asked, what the caller heard of waits, and how long each was."""

    server: Server
    transport: Scripted
    told: list[Waiting]
    slept: list[float]


def scripted(*answers: Answer | Exception, busy_seconds: float = 60, url: str = URL) -> Call:
    transport, told, slept = Scripted(list(answers)), list[Waiting](), list[float]()
    server = Server(
        "speech server", url, Secret("gv_alice-s"),
        transport=transport, patience=Patience(busy_seconds), on_wait=told.append,
        sleep=slept.append,
    )  # fmt: skip
    return Call(server, transport, told, slept)


@contextmanager
def listening(handle: Callable[[socket.socket, int], None]) -> Iterator[str]:
    """A server of plain sockets at this URL; `handle` has the connection and its number."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            number = 0
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    handle(connection, number)
                number += 1

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)
