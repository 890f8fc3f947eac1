"""The front function behind a door of HTTP, as the load balancer hands calls over."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.power.house import House


@contextmanager
def door(house: House) -> Iterator[str]:
    """Its base URL, on a free port of loopback."""

    class Call(BaseHTTPRequestHandler):
        def answer(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            reply = house.handle(
                {
                    "httpMethod": self.command,
                    "path": urlsplit(self.path).path,
                    "headers": {name.lower(): value for name, value in self.headers.items()},
                    "body": base64.b64encode(data).decode(),
                    "isBase64Encoded": True,
                }
            )
            body = reply.text.encode()
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, *words: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Call)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
