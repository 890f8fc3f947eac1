"""An upstream that does what a test says: real sockets, any answer, any break."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HTML = b"<html><head><title>413 Request Entity Too Large</title></head></html>"


@dataclass(frozen=True)
class Asked:
    """A request as it arrived; header names in lower case, values of the same name joined."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Line:
    """The connection of one request, to answer on."""

    def __init__(self, handler: BaseHTTPRequestHandler, asked: Asked) -> None:
        self._handler = handler
        self.asked = asked
        self.peer = handler.client_address

    def say(self, status: int, body: bytes = b"{}", **headers: str) -> None:
        """A whole answer; `headers` with underscores for dashes."""
        given = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        self.begin(status, **{name.replace("-", "_"): value for name, value in given.items()}
                   | headers)  # fmt: skip
        self.write(body)

    def tell(self, status: int, body: Any, **headers: str) -> None:
        self.say(status, json.dumps(body).encode(), **headers)

    def begin(self, status: int, **headers: str) -> None:
        self._handler.send_response(status)
        for name, value in headers.items():
            self._handler.send_header(name.replace("_", "-"), value)
        self._handler.end_headers()

    def write(self, data: bytes) -> None:
        self._handler.wfile.write(data)
        self._handler.wfile.flush()

    def part(self, data: bytes) -> None:
        """One part of a chunked answer; an empty one ends it."""
        self.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def cut(self) -> None:
        """End the connection, whatever was begun."""
        self._handler.close_connection = True
        self._handler.connection.close()

    def gone(self) -> bool:
        """Wait until the other side closes."""
        self._handler.connection.settimeout(20)
        return bool(self._handler.connection.recv(1) == b"")


Script = Callable[[Line], None]


def ready(line: Line) -> None:
    line.tell(200, {"ready": True})


@dataclass
class Scripted:
    """`on` holds what happens for each path; the last of a list goes on for ever."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    on: dict[str, list[Script]] = field(default_factory=lambda: {"/ready": [ready]})

    def paths(self) -> list[str]:
        return [each.path for each in self.asked]

    def of(self, path: str) -> list[Asked]:
        return [each for each in self.asked if each.path == path]

    def next(self, path: str) -> Script:
        scripts = self.on.get(path) or [lambda line: line.tell(404, {"success": False})]
        return scripts.pop(0) if len(scripts) > 1 else scripts[0]


@contextmanager
def scripted(**on: list[Script]) -> Iterator[Scripted]:
    """`on` by path, without its slash."""
    made = Scripted()
    made.on.update({f"/{name}": scripts for name, scripts in on.items()})
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = Asked(
                self.command,
                self.path,
                {name.lower(): ", ".join(self.headers.get_all(name, [])) for name in self.headers},
                self._read(),
            )
            with lock:
                made.asked.append(asked)
                script = made.next(self.path)
            script(Line(self, asked))

        do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_GET

        def _read(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = b""
            while length := int(self.rfile.readline(), 16):
                body += self.rfile.read(length)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """The other side may go at any moment."""

    with Server(("127.0.0.1", 0), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()
