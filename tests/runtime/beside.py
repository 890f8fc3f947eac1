"""Apps of this process behind a real socket, as one server finds the other."""

from __future__ import annotations

import threading
from types import TracebackType

from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server

from tests.servers import free_ports
from voicehost.caller import Caller
from voicehost.errand import Errand
from voicehost.memory.wish import Wish


class Beside:
    """Serves an app on a port of its own from `start` to `stop`, and again; `app` is a default."""

    def __init__(self, app: Flask | None = None) -> None:
        self.app = app
        self.port = free_ports(1)[0]
        self.url = f"http://127.0.0.1:{self.port}"
        self._server: BaseWSGIServer | None = None

    def start(self, app: Flask | None = None) -> Beside:
        given = app or self.app
        assert given is not None
        self._server = make_server("127.0.0.1", self.port, given, threaded=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Beside:
        return self if self.app is None else self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def errand_of(
    name: str = "alice", *, deadline: float | None = None, wish: Wish = Wish.USE
) -> Errand:
    """Work for a caller of this name."""
    return Errand(Caller(name, "folder", "request-7"), deadline=deadline, wish=wish)
