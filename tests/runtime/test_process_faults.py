"""The servers as processes: killed, overloaded, drip-fed, hung up on, and stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import pytest

from tests import web
from tests.patience import until
from tests.runtime.raw_http import connect, read_all, request_bytes
from tests.servers import Running, running_servers

INTERNAL = {"X-Voice-Internal": "1"}
LONG = "A long text that keeps the clock engine busy for a good while, word after word. " * 3
SETTINGS = {
    "VOICE_ENGINE": "clock",
    "VOICE_REQUESTS_AT_ONCE": "12",
    "VOICE_SPARE_THREADS": "6",
    "VOICE_BODY_SECONDS": "2",
    "VOICE_HEADER_SECONDS": "2",
    "VOICE_STALL_SECONDS": "30",
}


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Both servers with the clock engine in real time: a long text takes many seconds."""
    with running_servers(tmp_path_factory.mktemp("clock"), SETTINGS) as running:
        yield running


def activity(running: Running) -> dict[str, Any]:
    answer = web.get(f"{running.tts}/internal/activity", headers=INTERNAL)
    found: dict[str, Any] = answer.json()
    return found


def idle(running: Running) -> bool:
    now = activity(running)
    return bool(now["in_flight"] == now["queue_depth"] == 0)


def listener(running: Running) -> psutil.Process:
    """The gunicorn master of the text-to-speech server."""
    port = str(httpx.URL(running.tts).port)
    for process in psutil.process_iter(["cmdline", "ppid"]):
        line = process.info["cmdline"] or []
        if any(part.endswith(f":{port}") for part in line):
            parent = process.parent()
            if parent is None or not any(part.endswith(f":{port}") for part in parent.cmdline()):
                return process
    raise AssertionError("no master found")


def worker(running: Running) -> psutil.Process:
    (child,) = listener(running).children()
    return child


def ask(running: Running, text: str = LONG, **more: Any) -> httpx.Response:
    return web.post(f"{running.tts}/generate", json={"text": text}, timeout=60, **more)


def in_background(
    running: Running, count: int, text: str = LONG
) -> tuple[list[threading.Thread], list[Any]]:
    answers: list[Any] = []

    def call() -> None:
        try:
            answers.append(ask(running, text, headers={"X-Deadline-Seconds": "30"}))
        except httpx.HTTPError as error:
            answers.append(error)

    threads = [threading.Thread(target=call) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads, answers


@pytest.mark.parametrize("victim", ["worker", "master"])
def test_killed_in_mid_batch_it_is_back_by_itself_with_counters_at_zero(
    clock: Running, victim: str
) -> None:
    threads, answers = in_background(clock, 3)
    until(lambda: activity(clock)["in_flight"] == 3)
    old = worker(clock).pid
    os.kill(old if victim == "worker" else listener(clock).pid, signal.SIGKILL)
    for thread in threads:
        thread.join()
    assert all(isinstance(answer, httpx.TransportError) for answer in answers)

    def back() -> bool:
        try:
            return web.get(f"{clock.tts}/ready").status_code == 200 and worker(clock).pid != old
        except (httpx.TransportError, ValueError, AssertionError, psutil.Error):
            return False

    until(back, 60)
    assert idle(clock)
    assert ask(clock, "Hi.").json()["success"] is True
    assert not psutil.pid_exists(old)


def test_a_caller_that_hangs_up_has_its_work_dropped(clock: Running) -> None:
    body = {"texts": [LONG] * 60}
    with connect(clock.tts) as sock:
        sock.sendall(request_bytes("/generate_batch", body))
        until(lambda: activity(clock)["queue_depth"] > 0)
    until(lambda: idle(clock), 10)
    assert ask(clock, "Hi.").status_code == 200


def test_a_short_text_waits_two_steps_at_most_behind_a_job_of_thirty(clock: Running) -> None:
    with connect(clock.tts) as job:
        job.sendall(request_bytes("/generate_batch", {"texts": [LONG] * 30}))
        until(lambda: 0 < activity(clock)["queue_depth"] < 20)
        assert ask(clock, "Hi.", headers={"X-Request-Id": "short-one"}).status_code == 200
        assert activity(clock)["queue_depth"] > 0, "the job must still be waiting"
    until(lambda: "short-one" in clock.log.read_text())
    (line,) = [line for line in clock.log.read_text().splitlines() if "short-one" in line]
    assert json.loads(line)["queue_steps"] <= 2
    until(lambda: idle(clock))


def test_one_that_stays_keeps_its_work(clock: Running) -> None:
    with connect(clock.tts) as sock:
        sock.sendall(request_bytes("/generate", {"text": "A short text to speak."}))
        until(lambda: activity(clock)["in_flight"] == 1)
        # It takes some seconds, and the server looks for a hang-up twice a second.
        assert sock.recv(12) == b"HTTP/1.1 200"


def test_health_answers_while_every_place_is_taken(clock: Running) -> None:
    threads, answers = in_background(clock, 12, "A text of a few seconds.")
    until(lambda: activity(clock)["in_flight"] == 12)
    refused = ask(clock, "Hi.")
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) >= 1
    for _ in range(20):
        assert web.get(f"{clock.tts}/health").status_code == 200
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {200}
    until(lambda: idle(clock))


def test_a_slow_upload_is_ended_with_a_clear_error(clock: Running) -> None:
    with connect(clock.tts) as sock:
        sock.sendall(request_bytes("/generate", {"text": "Hi."}, length=5000))
        drip = threading.Thread(target=_drip, args=(sock,))
        drip.start()
        answer = read_all(sock)
        drip.join()
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"took longer than 2 seconds" in answer


def test_slow_headers_do_not_keep_a_thread(clock: Running) -> None:
    with connect(clock.tts) as sock:
        sock.sendall(b"POST /generate HTTP/1.1\r\nHost: localhost\r\n")
        drip = threading.Thread(target=_drip, args=(sock,))
        drip.start()
        read_all(sock)
        drip.join()


def _drip(sock: socket.socket) -> None:
    for _ in range(200):
        try:
            sock.sendall(b"x")
        except OSError:
            return
        time.sleep(0.05)


def test_a_body_that_ends_early_is_refused_even_if_it_parses(clock: Running) -> None:
    with connect(clock.tts) as sock:
        sock.sendall(request_bytes("/generate", {"text": "Hi."}, length=5000))
        sock.shutdown(socket.SHUT_WR)
        answer = read_all(sock)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"ended before the length" in answer


def test_a_body_that_ends_early_harms_nobody(clock: Running) -> None:
    for _ in range(15):
        with connect(clock.tts) as sock:
            sock.sendall(request_bytes("/generate", {"text": "Hi."}, length=5000))
    until(lambda: idle(clock))
    assert ask(clock, "Hi.").status_code == 200


@pytest.mark.parametrize("sent", [b"", b"G", b"GET /health HTTP/1.1\r\nHost: x\r\n"])
def test_a_flood_of_unfinished_headers_leaves_threads_for_health(
    clock: Running, sent: bytes
) -> None:
    held = [connect(clock.tts) for _ in range(80)]
    try:
        for sock in held:
            sock.sendall(sent)
        assert web.get(f"{clock.tts}/health", timeout=1.5).status_code == 200
    finally:
        for sock in held:
            sock.close()


def test_a_kept_connection_survives_other_callers_unread_bodies(clock: Running) -> None:
    rude = [connect(clock.tts) for _ in range(5)]
    try:
        for sock in rude:
            sock.sendall(request_bytes("/nothing", {}, length=5000))
            assert sock.recv(12) == b"HTTP/1.1 404"
        with web.Client(base_url=clock.tts) as polite:
            for _ in range(3):
                assert polite.get("/health").headers["Connection"] == "keep-alive"
    finally:
        for sock in rude:
            sock.close()


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET /health HTTP/1.1\r\nHost: x\r\nSCRIPT_NAME: /foo\r\nConnection: close", b"200"),
        (b"nonsense", b"400"),
        (b"GET /health HTTP/9.9\r\nHost: x", b"400"),
        (b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\nHost: x", b"414"),
        (b"POST /generate HTTP/1.1\r\nHost: x\r\nContent-Length: -1", b"400"),
    ],
)
def test_broken_requests_get_json_too(clock: Running, request_line: bytes, status: bytes) -> None:
    with connect(clock.tts) as sock:
        sock.sendall(request_line + b"\r\n\r\n")
        answer = read_all(sock)
    assert answer.split(b" ", 2)[1] == status
    body = json.loads(answer.split(b"\r\n\r\n", 1)[1])
    assert status == b"200" or body["error"]


def test_idle_connections_do_not_keep_threads(clock: Running) -> None:
    held = [connect(clock.tts) for _ in range(60)]
    try:
        for sock in held[:30]:
            sock.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert sock.recv(12) == b"HTTP/1.1 200"
        until(lambda: ask(clock, "Hi.").status_code == 200, 30)
    finally:
        for sock in held:
            sock.close()
