"""gunicorn's threaded worker with deadlines on what callers send and read, and its logs."""

from __future__ import annotations

import contextlib
import io
import json
import socket
import struct
import sys
import threading
import time
from functools import cache
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.workers import gthread
from gunicorn.workers.gthread import ThreadWorker

from voicehost.ending import ending
from voicehost.settings import VoiceHostSettings, is_loopback
from voicehost.telemetry.logs import start_logs
from voicehost.web.slot import SLOT_HEADER
from voicehost.web.watch import watch

READ_AWAY_SECONDS = 10
_reading_away = threading.BoundedSemaphore(4)
# Callers that may take their time with headers; more of them must have them ready.
_patience = threading.BoundedSemaphore(4)
IMPATIENT_SECONDS = 0.2
FIRST_BYTE_SECONDS = 0.05
UNREADABLE = (
    "This is no HTTP request that can be read: its first line, headers or framing are wrong."
)


class VoiceWorker(ThreadWorker):  # type: ignore[misc]
    """Adds limits that gunicorn leaves to a proxy in front.

    Request headers must arrive within `header_seconds`, and at once while several callers are
    slow to send theirs, so that these cannot take the threads of health checks. A caller that
    reads nothing of its answer for `write_stall_seconds` is cut off; a peer that vanished without
    a word is noticed by TCP itself.
    """

    def handle(self, conn: Any) -> Any:
        settings = _settings()
        if not conn.initialized:
            _limit_writes(conn.sock, settings.write_stall_seconds)
            if not conn.data_ready and not conn.wait_for_data(FIRST_BYTE_SECONDS):
                return gthread._DEFER
        patient = _patience.acquire(blocking=False)
        seconds = settings.header_seconds if patient else IMPATIENT_SECONDS
        try:
            with watch.reading(conn.sock, seconds) as headers:
                conn.voice_headers = headers, patient
                kept = super().handle(conn)
        finally:
            self._end_headers(conn)
        if kept is False:
            # gunicorn waits for the caller's end in its main loop; leave it nothing to wait for.
            with contextlib.suppress(OSError):
                conn.sock.shutdown(socket.SHUT_RDWR)
        return kept

    def set_accept_enabled(self, enabled: bool) -> None:
        """A server that ends refuses callers at once: gunicorn keeps its sockets until the last
        request is answered, and who connects meanwhile waits for nothing."""
        super().set_accept_enabled(enabled)
        if not enabled and not self.alive:
            ending.set()
            for listener in self.sockets:
                listener.close()

    def handle_request(self, req: Any, conn: Any) -> Any:
        self._end_headers(conn)
        kept = super().handle_request(req, conn)
        return self._read_away(conn) and kept

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Any) -> None:
        """gunicorn's own refusals, as JSON like all others."""
        answer = io.BytesIO()
        super().handle_error(req, _Paper(answer), addr, exc)
        status = answer.getvalue().split(b"\r\n", 1)[0] or b"HTTP/1.1 400 Bad Request"
        body = json.dumps({"success": False, "error": UNREADABLE}).encode()
        name = _settings().slot
        slot = b"" if name is None else f"{SLOT_HEADER}: {name}\r\n".encode()
        head = status + (
            b"\r\nConnection: close\r\nContent-Type: application/json\r\n%s"
            b"Content-Length: %d\r\n\r\n" % (slot, len(body))
        )
        with contextlib.suppress(OSError):
            client.sendall(head + body)

    def _end_headers(self, conn: Any) -> None:
        headers, patient = conn.voice_headers
        watch.release(headers)
        conn.voice_headers = headers, False
        if patient:
            _patience.release()

    def _read_away(self, conn: Any) -> bool:
        """Take in what is left of a body that nobody wanted; whether all of it came.

        Closing on unread bytes resets the connection, and the caller loses the answer that says
        why. Only some threads may do this at a time, since others must answer health checks.
        """
        reader = getattr(conn.parser.mesg.body, "reader", None)
        if getattr(reader, "length", 1) == 0:
            return True
        if not _reading_away.acquire(blocking=False):
            return False
        try:
            until = time.monotonic() + READ_AWAY_SECONDS
            return bool(conn.parser.finish_body(deadline=until, max_bytes=sys.maxsize))
        finally:
            _reading_away.release()


class _Paper:
    """Stands for a socket that is written to."""

    def __init__(self, out: io.BytesIO) -> None:
        self._out = out

    def gettimeout(self) -> float:
        return 0.0

    def sendall(self, data: bytes) -> None:
        self._out.write(data)


class VoiceLogger(Logger):  # type: ignore[misc]
    """gunicorn's own messages as JSON lines like all others."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        start_logs(cfg.proc_name)


def refuse_open_door(addresses: list[Any], settings: VoiceHostSettings) -> None:
    """Raise if a server without keys listens beyond loopback, however it was told to."""
    if settings.locked:
        return
    for address in addresses:
        if isinstance(address, tuple) and not is_loopback(str(address[0])):
            raise RuntimeError(f"Without keys, {address[0]} is not listened on; set VOICE_KEYS.")


def _limit_writes(sock: socket.socket, seconds: int) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", seconds, 0))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, seconds * 1000)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, seconds)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, max(1, seconds // 4))


@cache
def _settings() -> VoiceHostSettings:
    return VoiceHostSettings.from_env()
