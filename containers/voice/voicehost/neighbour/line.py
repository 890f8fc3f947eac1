"""A connection for one call, which can be given up at any moment of it."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from voicehost.errand import LOOK_SECONDS, Errand

CONNECT_SECONDS = 5.0
LATER_SECONDS = 5.0


class Line:
    """Ends the call when nobody wants it any more or its deadline has passed: the server at the
    other end sees a caller who hung up. `seconds` is the longest silence; left out, an answer may
    take as long as the errand. To be closed.
    """

    def __init__(self, url: str, errand: Errand, seconds: float | None = None) -> None:
        parts = urlsplit(url)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self.errand = errand
        self._before = parts.path.rstrip("/")
        self._connection = kind(parts.hostname or "", parts.port, timeout=CONNECT_SECONDS)
        self._seconds = seconds
        self._closed = threading.Event()

    def connect(self) -> None:
        """Raises OSError, above all where nothing listens."""
        self._connection.connect()
        self._connection.sock.settimeout(self._longest_silence())
        threading.Thread(target=self._watch, name="line-watch", daemon=True).start()

    def call(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> http.client.HTTPResponse:
        """The answer, its body unread; connects first. Raises OSError, HTTPException."""
        if self._connection.sock is None:
            self.connect()
        self._connection.request(method, self._before + path, body, dict(headers))
        return self._connection.getresponse()

    def close(self) -> None:
        self._closed.set()
        self._connection.close()

    def _longest_silence(self) -> float | None:
        if self._seconds is not None:
            return self._seconds
        left = self.errand.seconds_left()
        # The watch ends it at the deadline, with the right words.
        return None if left is None else left + LATER_SECONDS

    def _watch(self) -> None:
        while not self._closed.wait(LOOK_SECONDS):
            if not self.errand.wanted() or self.errand.seconds_left() == 0:
                self._hang_up()

    def _hang_up(self) -> None:
        sock = self._connection.sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
