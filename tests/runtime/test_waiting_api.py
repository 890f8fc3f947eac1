"""Long calls stay alive, late failures are told, leases and deadlines hold."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.patience import until
from tests.runtime.conftest import MakeApp
from voicehost.app import host

INTERNAL = {"X-Voice-Internal": "1"}
LONG = "A text of some length that the clock engine needs a while for."


def say(client: FlaskClient, text: str = LONG, **headers: str) -> TestResponse:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/generate", json={"text": text}, headers=sent, buffered=True)


def in_flight(app: Flask) -> int:
    return host(app).activity.now().in_flight


def test_a_slow_answer_begins_with_white_space_and_ends_as_json(clock_app: MakeApp) -> None:
    app = clock_app(clock_speed=5.0, heartbeat_seconds=0.3)
    answer = say(app.test_client())
    assert answer.status_code == 200
    text = answer.get_data(as_text=True)
    assert len(text) - len(text.lstrip()) >= 2
    assert json.loads(text)["success"] is True
    assert "Content-Length" not in answer.headers
    assert in_flight(app) == 0


def test_a_quick_answer_has_no_white_space(clock_app: MakeApp) -> None:
    answer = say(clock_app(heartbeat_seconds=15).test_client())
    assert answer.get_data(as_text=True)[0] == "{"
    assert "Content-Length" in answer.headers


def test_a_failure_after_the_first_heartbeat_is_told_in_the_body(clock_app: MakeApp) -> None:
    app = clock_app(clock_speed=0.5, heartbeat_seconds=0.2)
    answer = say(app.test_client(), X_Deadline_Seconds="0.8")
    assert answer.status_code == 200
    body = json.loads(answer.get_data(as_text=True))
    assert body["success"] is False
    assert body["status"] == 503
    assert body["retry_after"] >= 1
    assert "deadline" in body["error"]
    assert in_flight(app) == 0


def test_a_deadline_before_the_first_heartbeat_is_a_503(clock_app: MakeApp) -> None:
    app = clock_app(clock_speed=0.5)
    answer = say(app.test_client(), X_Deadline_Seconds="0.3")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    until(lambda: not host(app).schedulers["speak"].progress.snapshot().stalled_seconds)
    assert len(host(app).schedulers["speak"].queue) == 0


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "soon", ""])
def test_a_strange_deadline_is_refused(clock_app: MakeApp, value: str) -> None:
    app = clock_app()
    assert say(app.test_client(), X_Deadline_Seconds=value).status_code == 400
    assert in_flight(app) == 0


def test_a_full_queue_is_a_503_with_a_time_to_come_back(clock_app: MakeApp) -> None:
    app = clock_app(clock_speed=0.2, queue_items=4, key_items=4, batch_rows=1)
    client = app.test_client()
    threads = [
        threading.Thread(target=say, args=(app.test_client(),), kwargs={"X_Deadline_Seconds": "3"})
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    until(lambda: len(host(app).schedulers["speak"].queue) == 4)
    answer = say(client)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    assert "queue is full" in answer.get_json()["error"]
    for thread in threads:
        thread.join()
    assert in_flight(app) == 0


def drain(client: FlaskClient, seconds: Any) -> TestResponse:
    return client.post("/internal/drain", json={"seconds": seconds}, headers=INTERNAL)


def test_a_drain_is_refused_in_flight_and_refuses_new_work_once_granted(clock_app: MakeApp) -> None:
    app = clock_app(clock_speed=2.0)
    client = app.test_client()
    worker = threading.Thread(target=say, args=(app.test_client(),))
    worker.start()
    until(lambda: in_flight(app) == 1)
    refused = drain(client, 60)
    assert refused.status_code == 409
    assert refused.get_json()["in_flight"] == 1
    worker.join()
    assert drain(client, 60).get_json()["draining_seconds"] == pytest.approx(60, abs=1)
    answer = say(client)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    resumed = client.post("/internal/resume", headers=INTERNAL)
    assert resumed.get_json()["draining_seconds"] == 0
    assert say(client, "Hi.").status_code == 200


@pytest.mark.parametrize("seconds", [0, -5, 4000, "60", None, True])
def test_a_strange_lease_is_refused(clock_app: MakeApp, seconds: Any) -> None:
    assert drain(clock_app().test_client(), seconds).status_code == 400


def test_refused_and_health_calls_never_count_as_traffic(clock_app: MakeApp) -> None:
    app = clock_app()
    client = app.test_client()
    say(client, "Hi.").close()
    before = host(app).activity._last
    for _ in range(3):
        client.get("/health")
        client.get("/ready")
        say(client, "")
        client.post("/generate", data="{")
        client.post("/nothing")
    assert host(app).activity._last == before
    say(client, "Hi.").close()
    assert host(app).activity._last > before


def test_activity_tells_the_power_controller_what_it_needs(clock_app: MakeApp) -> None:
    answer = clock_app().test_client().get("/internal/activity", headers=INTERNAL).get_json()
    assert answer["in_flight"] == answer["queue_depth"] == answer["draining_seconds"] == 0
    assert answer["ready"] is True
    assert answer["seconds_since_last_request"] >= 0
