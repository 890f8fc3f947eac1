"""The server of the page that calls the speech servers from another origin."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any

FOLDER = Path(__file__).resolve().parent
KINDS = {".html": "text/html", ".js": "text/javascript"}
HOME = "127.0.0.1"
LOCALHOST = "localhost"
# Chromium is told to look for this name on this machine.
STUDIO = "studio.example.com"


class PageServer:
    """Serves the page, hands each visit its task and takes what the page found out."""

    def __init__(self) -> None:
        self.tasks: dict[str, dict[str, Any]] = {}
        self.results: dict[str, SimpleQueue[dict[str, Any]]] = {}
        handler = type("Handler", (_Handler,), {"pages": self})
        self._server = ThreadingHTTPServer((HOME, 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def origin(self, host: str) -> str:
        return f"http://{host}:{self._server.server_address[1]}"

    def add(self, task: dict[str, Any]) -> str:
        """Take a task; returns the visit's name."""
        visit = str(len(self.tasks))
        self.results[visit] = SimpleQueue()
        self.tasks[visit] = task
        return visit

    def __enter__(self) -> PageServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    pages: PageServer

    def do_GET(self) -> None:
        path, _, _ = self.path.partition("?")
        file = FOLDER / path.strip("/")
        if path.startswith("/tasks/"):
            self._answer("application/json", json.dumps(self._of(self.pages.tasks)).encode())
        elif file.parent == FOLDER and file.suffix in KINDS:
            self._answer(KINDS[file.suffix], file.read_bytes())
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._of(self.pages.results).put(json.loads(body))
        self._answer("application/json", b"{}")

    def _of(self, kept: dict[str, Any]) -> Any:
        return kept[self.path.rpartition("/")[2]]

    def _answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
