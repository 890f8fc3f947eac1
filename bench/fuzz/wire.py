"""Bytes out over a socket of its own, one answer back."""

from __future__ import annotations

import http.client
import socket
import time

from bench.fuzz.answers import ANSWER_SECONDS, CLOSED, Answer
from bench.fuzz.requests_raw import RawRequest


def exchange(host: str, port: int, request: RawRequest) -> Answer:
    """Send and read one answer. CLOSED when the connection ended, or nothing came in time."""
    began = time.monotonic()
    try:
        with socket.create_connection((host, port), timeout=ANSWER_SECONDS) as sock:
            try:
                sock.sendall(request.data)
                if request.half_close:
                    sock.shutdown(socket.SHUT_WR)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the answer may have come before all was sent
            return _read(sock, request.method, began)
    except TimeoutError:
        return Answer(CLOSED, seconds=ANSWER_SECONDS + 1, method=request.method)
    except (http.client.HTTPException, OSError):
        return Answer(CLOSED, seconds=time.monotonic() - began, method=request.method)


def _read(sock: socket.socket, method: str, began: float) -> Answer:
    answered = http.client.HTTPResponse(sock, method=method)
    try:
        answered.begin()
        body = answered.read()
        headers = {name.lower(): value for name, value in answered.getheaders()}
        return Answer(answered.status, headers, body, time.monotonic() - began, method)
    finally:
        answered.close()
