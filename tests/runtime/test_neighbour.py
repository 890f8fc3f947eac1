"""One server calls the other for its caller: known there, patient, and never for ever."""

from __future__ import annotations

import http.client
import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from flask import Flask

from tests.patience import until
from tests.runtime.beside import Beside, errand_of
from tests.runtime.conftest import MakeApp, sound_base64
from tests.servers import free_ports
from voicehost import errand
from voicehost.app import create_app, host
from voicehost.engines.clock import ClockAligner, ClockTranscriber
from voicehost.engines.protocol import HearingEngines, Report
from voicehost.errors import (
    CallerGone,
    EngineFault,
    NeighbourAway,
    RequestError,
    TooLarge,
    VoiceError,
)
from voicehost.keys import new_key
from voicehost.memory.wish import Wish
from voicehost.neighbour import server as neighbour
from voicehost.neighbour.server import Neighbour
from voicehost.settings import VoiceHostSettings

SECRET = "a secret of both"
_, DIGEST = new_key()
KEYS = f"alice={DIGEST}"
INTERNAL = {"X-Voice-Internal": "1"}
BODY = {"audio": sound_base64(np.zeros(24000, np.float32)), "language": "en"}
# Of which the clock is not through before a test is over, at a twentieth of its speed.
LONG = {"audio": sound_base64(np.zeros(24000 * 300, np.float32)), "language": "en"}


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbour, "RETRY_SECONDS", 0.05)
    monkeypatch.setattr(errand, "MOST_PAUSE_SECONDS", 0.1)


@pytest.fixture
def beside() -> Iterator[Beside]:
    with Beside() as made:
        yield made


def to(beside: Beside, key: str = SECRET) -> Neighbour:
    return Neighbour(VoiceHostSettings(neighbour_url=beside.url, neighbour_key=key))


def ears(clock_app: MakeApp, **given: Any) -> Flask:
    return clock_app("whisperx", **{"keys": KEYS, "neighbour_key": SECRET, **given})


def heard(found: dict[str, Any]) -> bool:
    return "hears 1.0 seconds" in found["text"]


def statuses(caplog: pytest.LogCaptureFixture) -> list[int]:
    return [getattr(line, "status", 0) for line in caplog.records]


def test_a_call_is_made_in_the_name_of_its_caller(
    beside: Beside, clock_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "voicehost.requests")
    beside.start(ears(clock_app))
    assert heard(to(beside).call(errand_of("alice"), "/transcribe", BODY))
    until(lambda: 200 in statuses(caplog))
    (line,) = [record for record in caplog.records if record.name == "voicehost.requests"]
    assert (line.__dict__["key"], line.__dict__["request_id"]) == ("alice", "request-7")
    assert SECRET not in str([record.__dict__ for record in caplog.records])


def test_without_keys_both_servers_work_without_a_secret_too(
    beside: Beside, clock_app: MakeApp
) -> None:
    beside.start(clock_app("whisperx"))
    assert heard(to(beside, "").call(errand_of("anonymous"), "/transcribe", BODY))


def test_another_secret_is_a_fault_that_says_what_to_set(
    beside: Beside, clock_app: MakeApp
) -> None:
    beside.start(ears(clock_app))
    for wrong in ("another secret", ""):
        with pytest.raises(EngineFault, match="VOICE_NEIGHBOUR_KEY") as caught:
            to(beside, wrong).call(errand_of(), "/transcribe", BODY)
        assert caught.value.status == 500
        assert "secret" not in caught.value.message


@pytest.mark.parametrize("given", ["wrong", "", "sécret", SECRET[:-1], SECRET + "x"])
@pytest.mark.parametrize("set_key", [SECRET, ""])
def test_who_only_says_that_he_is_the_neighbour_needs_a_key(
    clock_app: MakeApp, given: str, set_key: str
) -> None:
    client = ears(clock_app, neighbour_key=set_key).test_client()
    named = {"X-Voice-For": "alice", "X-Voice-Neighbour": given}
    assert client.post("/transcribe", json=BODY, headers=named).status_code == 401


@pytest.mark.parametrize(
    ("name", "known"),
    [("bob", "bob"), ("bob+jobs", "bob+jobs"), ("anonymous+jobs", "anonymous+jobs"),
     ("", "anonymous"), ("a/b", "anonymous"), ("x" * 300, "anonymous"), ("+jobs", "anonymous"),
     ("bob+jobs+jobs", "anonymous")],
)  # fmt: skip
def test_the_neighbours_word_for_a_name_is_taken_if_a_key_could_have_it(
    clock_app: MakeApp, caplog: pytest.LogCaptureFixture, name: str, known: str
) -> None:
    caplog.set_level(logging.INFO, "voicehost.requests")
    sent = {"X-Voice-For": name, "X-Voice-Neighbour": SECRET}
    app = ears(clock_app)
    answer = app.test_client().post("/transcribe", json=BODY, headers=sent, buffered=True)
    assert answer.status_code == 200
    assert caplog.records[-1].__dict__["key"] == known


@pytest.mark.parametrize(
    ("name", "status"), [("alice", 413), ("alice+jobs", 413), ("bob", 200), ("carol", 200)]
)
def test_a_keys_own_limit_holds_for_what_the_neighbour_asks_in_its_name(
    clock_app: MakeApp, name: str, status: int
) -> None:
    keys = json.dumps({"alice": {"hash": DIGEST, "queue_items": 1}, "bob": new_key()[1]})
    sent = {"X-Voice-For": name, "X-Voice-Neighbour": SECRET}
    two = {"audios": [BODY["audio"]] * 2, "language": "en"}
    client = ears(clock_app, keys=keys).test_client()
    answer = client.post("/transcribe_batch", json=two, headers=sent, buffered=True)
    assert answer.status_code == status


def test_the_neighbours_secret_opens_work_alone(clock_app: MakeApp) -> None:
    client = ears(clock_app).test_client()
    sent = {"X-Voice-For": "alice", "X-Voice-Neighbour": SECRET}
    assert client.post("/results/sign", json={"ids": ["x"]}, headers=sent).status_code == 401
    drain = client.post(
        "/internal/drain", json={"seconds": 1}, headers={**sent, **INTERNAL, "X-Forwarded-For": "1"}
    )
    assert drain.status_code == 401


def test_one_that_is_down_is_waited_for_until_the_deadline(beside: Beside) -> None:
    end = time.monotonic() + 0.5
    with pytest.raises(NeighbourAway, match="WhisperX server beside this one") as caught:
        to(beside).call(errand_of(deadline=end), "/transcribe", BODY)
    assert caught.value.status == 503
    assert caught.value.retry_after
    assert time.monotonic() >= end


def test_one_that_is_not_there_at_all_is_not_waited_for_so_long(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbour, "MOST_REFUSALS", 3)
    patient = errand_of("alice+jobs", deadline=time.monotonic() + 60)
    with pytest.raises(NeighbourAway, match="WhisperX server beside this one"):
        to(beside).call(patient, "/transcribe", BODY)
    assert patient.seconds_left()


def test_a_server_that_says_that_it_loads_is_there(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbour, "MOST_REFUSALS", 3)
    app, calls = Flask("loads"), 0

    @app.post("/transcribe")
    def load() -> Any:
        nonlocal calls
        calls += 1
        if calls <= 5:
            return {"success": False, "error": "It loads.", "retry_after": 0.01}, 503
        return {"success": True, "text": "heard"}

    beside.start(app)
    assert to(beside).call(errand_of(), "/transcribe", BODY)["text"] == "heard"


def test_refusals_are_counted_anew_after_an_answer(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbour, "MOST_REFUSALS", 3)
    app = Flask("comes and goes")
    app.add_url_rule("/transcribe", view_func=lambda: ({"error": "It loads."}, 503),
                     methods=["POST"])  # fmt: skip
    calling, connects = to(beside), 0

    class Line(http.client.HTTPConnection):
        def connect(self) -> None:
            nonlocal connects
            connects += 1
            # The third of each three finds somebody, until the fourth time.
            there = connects % 3 == 0 and connects < 12
            if not there:
                raise ConnectionRefusedError
            super().connect()

    beside.start(app)
    monkeypatch.setattr(http.client, "HTTPConnection", Line)
    with pytest.raises(NeighbourAway):
        calling.call(errand_of(deadline=time.monotonic() + 60), "/transcribe", BODY)
    assert connects == 12


def waiting_call(threads: ThreadPoolExecutor, beside: Beside) -> Any:
    return threads.submit(to(beside).call, errand_of(), "/transcribe", BODY)


def test_one_that_starts_later_is_found(beside: Beside, clock_app: MakeApp) -> None:
    app = ears(clock_app)
    with ThreadPoolExecutor(1) as threads:
        call = waiting_call(threads, beside)
        beside.start(app)
        assert heard(call.result(60))


class SlowToLoad(ClockTranscriber):
    def __init__(self) -> None:
        super().__init__(speed=1000)
        self.may_load = threading.Event()

    def load(self, report: Report) -> None:
        assert self.may_load.wait(60)


def test_one_that_loads_its_model_is_waited_for(
    beside: Beside, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "voicehost.requests")
    slow = SlowToLoad()
    settings = VoiceHostSettings(keys=KEYS, neighbour_key=SECRET)
    app = create_app(HearingEngines(slow, ClockAligner()), settings)
    host(app).keys.start()
    for scheduler in host(app).schedulers.values():
        scheduler.start()
    beside.start(app)
    with ThreadPoolExecutor(1) as threads:
        call = waiting_call(threads, beside)
        until(lambda: 503 in statuses(caplog))
        slow.may_load.set()
        assert heard(call.result(60))
    host(app).close()


def test_one_that_drains_is_waited_for(
    beside: Beside, clock_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "voicehost.requests")
    app = ears(clock_app, keys="", neighbour_key=SECRET)
    client = app.test_client()
    assert client.post("/internal/drain", json={"seconds": 1}, headers=INTERNAL).status_code == 200
    beside.start(app)
    with ThreadPoolExecutor(1) as threads:
        call = waiting_call(threads, beside)
        until(lambda: 503 in statuses(caplog))
        client.post("/internal/resume", headers=INTERNAL)
        assert heard(call.result(60))


def test_one_that_is_full_is_waited_for(
    beside: Beside, clock_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "voicehost.requests")
    app = ears(clock_app, requests_at_once=1)
    beside.start(app)
    place = host(app).gate.request(1)
    place.__enter__()
    with ThreadPoolExecutor(1) as threads:
        call = waiting_call(threads, beside)
        until(lambda: 503 in statuses(caplog))
        place.__exit__(None, None, None)
        assert heard(call.result(60))


def test_who_hangs_up_waits_no_longer_for_an_answer_under_way(
    beside: Beside, clock_app: MakeApp
) -> None:
    app = ears(clock_app, clock_speed=0.05)
    beside.start(app)
    gone = errand_of()
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(to(beside).call, gone, "/transcribe", LONG)
        until(lambda: host(app).activity.now().in_flight == 1)
        gone.cancel()
        with pytest.raises(CallerGone):
            call.result(10)
    with pytest.raises(CallerGone):
        to(beside).call(gone, "/transcribe", BODY)


def test_what_it_refuses_is_refused_in_its_words(beside: Beside, clock_app: MakeApp) -> None:
    beside.start(ears(clock_app, audio_seconds=0.5))
    with pytest.raises(RequestError, match="language: this server's model knows en only"):
        to(beside).call(errand_of(), "/transcribe", {**BODY, "language": "xx"})
    with pytest.raises(TooLarge, match="audio: "):
        to(beside).call(errand_of(), "/transcribe", BODY)


def test_what_fails_after_signs_of_life_fails_as_it_would_have(
    beside: Beside, clock_app: MakeApp
) -> None:
    beside.start(ears(clock_app, clock_speed=0.05, heartbeat_seconds=0.1, deadline_seconds=0.5))
    with pytest.raises(NeighbourAway, match="deadline"):
        to(beside).call(errand_of(deadline=time.monotonic() + 1), "/transcribe", LONG)


def test_a_call_that_breaks_it_each_time_is_not_made_for_ever() -> None:
    port, calls = free_ports(1)[0], 0
    with socket.create_server(("127.0.0.1", port)) as listening, ThreadPoolExecutor(1) as threads:

        def fall_over() -> None:
            nonlocal calls
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                calls += 1
                connection.recv(100)
                connection.close()

        falling = threads.submit(fall_over)
        settings = VoiceHostSettings(neighbour_url=f"http://127.0.0.1:{port}")
        with pytest.raises(NeighbourAway):
            Neighbour(settings).call(errand_of(), "/transcribe", BODY)
        listening.shutdown(socket.SHUT_RDWR)
        falling.result(10)
    assert calls == neighbour.MOST_BREAKS


@pytest.mark.parametrize(
    ("status", "kind"),
    [(502, NeighbourAway), (504, NeighbourAway), (500, EngineFault), (200, EngineFault)],
)
def test_an_answer_that_is_no_json_is_no_result(
    beside: Beside, status: int, kind: type[VoiceError]
) -> None:
    app = Flask("a proxy")
    app.add_url_rule(
        "/transcribe", view_func=lambda: ("<html>busy</html>", status), methods=["POST"]
    )
    beside.start(app)
    with pytest.raises(kind):
        to(beside).call(errand_of(deadline=time.monotonic() + 0.5), "/transcribe", BODY)


def test_no_more_calls_are_under_way_than_leave_room_for_its_own_callers(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbour, "AT_ONCE", 2)
    here, most, lock = 0, 0, threading.Lock()
    both, may_end = threading.Event(), threading.Event()
    app = Flask("counts")

    @app.post("/transcribe")
    def count() -> dict[str, Any]:
        nonlocal here, most
        with lock:
            here += 1
            most = max(most, here)
            if here == 2:
                both.set()
        assert may_end.wait(60)
        with lock:
            here -= 1
        return {"success": True, "text": ""}

    beside.start(app)
    calling = to(beside)
    with ThreadPoolExecutor(5) as threads:
        calls = [threads.submit(calling.call, errand_of(), "/transcribe", BODY) for _ in range(5)]
        assert both.wait(60)
        may_end.set()
        for call in calls:
            call.result(60)
    assert most == 2


def test_what_the_audio_store_may_do_is_passed_on(beside: Beside) -> None:
    calling = to(beside)
    assert "Cache-Control" not in calling.headers(errand_of())
    for wish, said in ((Wish.RENEW, "no-cache"), (Wish.NEITHER, "no-store")):
        assert calling.headers(errand_of(wish=wish))["Cache-Control"] == said
