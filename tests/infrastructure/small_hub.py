"""A model hub on loopback that holds one small checkpoint, as far as its own client asks."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = "team/small-voice"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
# Large enough that a download of it can break off in the middle.
BIG = "model.safetensors"
FILES = {
    "config.json": b'{"model_type": "small"}',
    "speech_tokenizer/config.json": b"{}",
    BIG: bytes(range(256)) * 4096 * 24,
    "README.md": b"for people",
}


@dataclass
class Hub:
    """`asked` lists each file with the first byte that was wanted; `break_at` closes the connection
    after so many bytes of the large file, once. Whoever names no commit gets the latest files only
    where there is a `latest`."""

    files: dict[str, bytes]
    latest: bool = False
    url: str = ""
    asked: list[tuple[str, int]] = field(default_factory=list)
    break_at: int | None = None


@contextmanager
def small_hub() -> Iterator[Hub]:
    hub = Hub(dict(FILES))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def do_GET(self) -> None:
            if not hub.latest and COMMIT not in self.path:
                self._send(404, b"", {"X-Error-Code": "RevisionNotFound"})
            elif self.path.startswith(f"/api/models/{MODEL}/tree/"):
                tree = [
                    {"type": "file", "path": name, "size": len(content), "oid": COMMIT}
                    for name, content in hub.files.items()
                ]
                self._send(200, json.dumps(tree).encode(), {"Content-Type": "application/json"})
            elif self.path.startswith(f"/api/models/{MODEL}"):
                names = [{"rfilename": name} for name in hub.files]
                about = {"id": MODEL, "modelId": MODEL, "sha": COMMIT, "siblings": names}
                self._send(200, json.dumps(about).encode(), {"Content-Type": "application/json"})
            else:
                self._answer(with_body=True)

        def _answer(self, *, with_body: bool) -> None:
            place = f"/{MODEL}/resolve/"
            name = self.path.split("?")[0].removeprefix(place).partition("/")[2]
            content = hub.files.get(name)
            known = hub.latest or self.path.startswith(f"{place}{COMMIT}/")
            if content is None or not known:
                self._send(404, b"", {"X-Error-Code": "EntryNotFound"})
                return
            tag = hashlib.sha256(FILES[name]).hexdigest()
            headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{tag}"', "Accept-Ranges": "bytes"}
            if not with_body:
                self._send(200, content, headers, silent=True)
                return
            wanted = self.headers.get("Range", "bytes=0-").removeprefix("bytes=")
            first = int(wanted.split("-")[0])
            hub.asked.append((name, first))
            self._send(206 if first else 200, content[first:], headers, name=name)

        def _send(
            self,
            status: int,
            body: bytes,
            headers: dict[str, str],
            *,
            silent: bool = False,
            name: str = "",
        ) -> None:
            self.send_response(status)
            for header, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(header, value)
            self.end_headers()
            if silent:
                return
            if name == BIG and hub.break_at is not None:
                body, hub.break_at = body[: hub.break_at], None
                self.close_connection = True
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
