"""A stand-in for the load balancer before one slot: it can sleep, be started, and alter answers."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.servers import Running

Altered = Callable[[str, Any], None]
Given = tuple[int, dict[str, str], bytes]

ASLEEP: Given = (503, {}, b'{"success": false, "error": "The GPU is asleep."}')


@dataclass
class Front:
    """Passes calls with the staging header to the true servers behind it.

    `alter` changes the answer of a work call in place. Answers to the same work are kept, so that
    each test asks the models nothing new. `started` holds the bodies of `/power/start`.
    """

    servers: Running
    url: str = ""
    asleep: bool = False
    can_start: bool = True
    wakes: bool = True
    started: list[Any] = field(default_factory=list)
    alter: Altered | None = None
    kept: dict[tuple[str, bytes], Given] = field(default_factory=dict)

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> Given:
        if path == "/power/start" and method == "POST" and self.can_start:
            self.started.append(json.loads(body))
            self.asleep = not self.wakes
            return 202, {}, b"{}"
        server = path.split("/")[1]
        if headers.get("X-Voice-Slot") != "idle" or server not in ("tts", "whisperx"):
            return 404, {}, b'{"success": false, "error": "Nothing is here."}'
        if self.asleep:
            return ASLEEP
        if method == "GET":
            return self._real(server, path, headers, None)
        if (path, body) not in self.kept:
            self.kept[path, body] = self._real(server, path, headers, body)
        status, sent, data = self.kept[path, body]
        if self.alter is None or status != 200:
            return status, sent, data
        found = json.loads(data)
        self.alter(path, found)
        return status, sent, json.dumps(found).encode()

    def _real(self, server: str, path: str, headers: Any, body: bytes | None) -> Given:
        base = self.servers.tts if server == "tts" else self.servers.whisperx
        passed = {name: headers[name] for name in ("X-API-Key", "Content-Type") if name in headers}
        request = urllib.request.Request(base + path, body, passed)
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                return response.status, _slot(response.headers), response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _slot(error.headers), error.read()


@contextmanager
def staged_front(servers: Running) -> Iterator[Front]:
    front = Front(servers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._pass("GET")

        def do_POST(self) -> None:
            self._pass("POST")

        def _pass(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, data = front.answer(method, self.path, self.headers, body)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        front.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield front
        finally:
            server.shutdown()
            thread.join()


def _slot(headers: Any) -> dict[str, str]:
    return {"X-Voice-Slot": headers["X-Voice-Slot"]} if "X-Voice-Slot" in headers else {}
