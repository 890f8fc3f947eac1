"""A neighbour that dies and a caller who goes: the one is waited for, the other's work ends."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psutil
import pytest

from tests.e2e.narrate.calls import TEXTS, activity, is_quiet, narrate
from tests.patience import until
from tests.runtime.raw_http import connect, request_bytes
from tests.servers import Running, running_servers


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Real voices and ears of this module's own, since it ends one of them."""
    with running_servers(tmp_path_factory.mktemp("pair"), {"VOICE_START_SECONDS": "1"}) as running:
        yield running


def hears(running: Running) -> bool:
    return bool(activity(running.whisperx)["in_flight"])


def test_who_hangs_up_ends_the_work_on_both_servers(pair: Running) -> None:
    with connect(pair.tts) as sock:
        sock.sendall(request_bytes("/narrate", {"texts": TEXTS, "verify": 0}))
        until(lambda: hears(pair), 60)
    until(lambda: is_quiet(pair.tts) and is_quiet(pair.whisperx), 30)


def test_one_that_is_killed_in_the_middle_is_waited_for(pair: Running) -> None:
    texts = TEXTS[:6]
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(narrate, pair.tts, {"texts": texts, "verify": 1}, 300)
        until(lambda: hears(pair), 60)
        for process in listeners(pair.whisperx):
            process.kill()
        answer = call.result(300)
    assert (answer["count"], answer["failed"]) == (len(texts), 0)
    for item, text in zip(answer["items"], texts, strict=True):
        assert [word["word"] for word in item["words"]] == text.split()
    until(lambda: is_quiet(pair.tts) and is_quiet(pair.whisperx), 30)


def listeners(url: str) -> list[psutil.Process]:
    """The processes of the server at this URL."""
    port = urlsplit(url).port
    found = {
        connection.pid
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,)
    }
    assert found
    return [psutil.Process(pid) for pid in found if pid]
