"""The real servers in real time behind the proxy: signs of life, hang-ups, a kill in mid-call."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.client.proxy.raw import open_call, read_parts, split
from tests.client.proxy.running import Proxied, proxy_before
from tests.client.proxy.sleeping import later
from tests.patience import until
from tests.runtime.test_process_faults import LONG, activity, idle, worker
from tests.servers import Running, running_servers


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A long text takes some seconds."""
    settings = {
        "VOICE_ENGINE": "clock",
        "VOICE_CLOCK_SPEED": "6",
        "VOICE_HEARTBEAT_SECONDS": "0.3",
    }
    with running_servers(tmp_path_factory.mktemp("slow"), settings) as running:
        yield running


@pytest.fixture(scope="module")
def proxied(slow: Running) -> Iterator[Proxied]:
    with proxy_before(slow.tts, slow.whisperx, heartbeat_seconds=30) as made:
        yield made


def test_signs_of_life_of_the_server_pass_as_they_come(slow: Running, proxied: Proxied) -> None:
    call = open_call(f"{proxied.speech}/generate", {"text": LONG})
    until(lambda: activity(slow)["in_flight"] == 1)
    first = b""
    while b"\r\n\r\n" not in first or not first.endswith(b" \r\n"):
        first += call.recv(1)
    assert activity(slow)["in_flight"] == 1, "the white space came with the answer, not before it"
    assert b"x-queue-position: 0" in first.lower()
    rest = b"".join(part.data for part in read_parts(call))
    status, _, chunks = split(first + rest)
    assert (status, chunks[-1]) == (200, b"")
    assert json.loads(b"".join(chunks))["success"] is True


def test_a_caller_that_hangs_up_has_its_work_dropped(slow: Running, proxied: Proxied) -> None:
    with open_call(f"{proxied.speech}/generate_batch", {"texts": [LONG] * 60}):
        until(lambda: activity(slow)["queue_depth"] > 0)
    until(lambda: idle(slow), 10)
    until(lambda: proxied.proxy.calls.shown()[0]["state"] == "cancelled")


def test_a_server_that_is_killed_in_mid_call_is_asked_again(
    slow: Running, proxied: Proxied
) -> None:
    body = {"texts": [LONG, "And a short one."]}
    call = later(f"{proxied.speech}/generate_batch", body)
    until(lambda: activity(slow)["in_flight"] == 1)
    os.kill(worker(slow).pid, signal.SIGKILL)
    answer = call.result()
    assert (answer.status_code, answer.json()["count"]) == (200, 2)
    assert proxied.proxy.calls.shown()[0]["state"] == "done"


def test_many_calls_at_once_are_each_answered_with_their_own(
    slow: Running, proxied: Proxied
) -> None:
    texts = [f"Number {n}, {'and so on ' * n}." for n in range(8)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(
            lambda text: later(f"{proxied.speech}/generate", {"text": text}).result().json(), texts
        ))  # fmt: skip
    lengths = [len(answer["audio"]) for answer in answers]
    assert lengths == sorted(lengths)
    assert len(set(lengths)) == 8
