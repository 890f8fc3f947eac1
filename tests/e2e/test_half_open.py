"""Callers that keep their side of an ended connection open cost the others nothing."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from tests.e2e.leases import get
from tests.servers import Running

CALLERS = 3
QUICK_SECONDS = 1.0
ENDED = {
    "asked to close": b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    "not HTTP": b"Hello.\r\n\r\n",
}


@pytest.mark.parametrize("sent", ENDED.values(), ids=ENDED.keys())
def test_health_answers_at_once(keyed_servers: Running, sent: bytes) -> None:
    port = int(keyed_servers.tts.rpartition(":")[2])
    with ExitStack() as held:
        for _ in range(CALLERS):
            caller = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            caller.sendall(sent)
            assert caller.recv(65536).startswith(b"HTTP/1.1 ")
        assert seconds_of(lambda: get(f"{keyed_servers.tts}/health")) < QUICK_SECONDS


def seconds_of(run: Callable[[], object]) -> float:
    began = time.monotonic()
    run()
    return time.monotonic() - began
