"""A team's Flask module answers as it always did, behind our key, queue, limits and health."""

from __future__ import annotations

import base64
import io
import json
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.test import TestResponse

from tests.patience import until
from tests.runtime.conftest import started
from voicehost.adopted.engine import AdoptedEngine
from voicehost.app import create_app, host
from voicehost.host import Server
from voicehost.keys import new_key
from voicehost.settings import VoiceHostSettings

MODULES = Path(__file__).with_name("adopted_modules")
INTERNAL = {"X-Voice-Internal": "1"}
MakeAdopted = Callable[..., Flask]


@pytest.fixture
def adopt(monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeAdopted]:
    """Makes servers of a team's module, ready for work."""
    made: list[Flask] = []

    def make(
        server: Server = "tts", *, module: str = "", seconds: float = 0.0, **given: Any
    ) -> Flask:
        name = module or ("speech_server.py" if server == "tts" else "hearing_server.py")
        monkeypatch.setenv("SPEECH_SECONDS", str(seconds))
        monkeypatch.setenv("HEARING_SECONDS", str(seconds))
        settings = VoiceHostSettings(**{f"{server}_app": str(MODULES / name), **given})
        made.append(started(create_app(AdoptedEngine(server, settings), settings)))
        return made[-1]

    monkeypatch.syspath_prepend(str(MODULES))  # taken back at the end, with what the module adds
    yield make
    for app in made:
        host(app).close()


def in_flight(app: Flask) -> int:
    return host(app).activity.now().in_flight


def say(client: FlaskClient, text: str = "Hello", **headers: str) -> TestResponse:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/generate", json={"text": text}, headers=sent, buffered=True)


def test_it_answers_as_it_did_before(adopt: MakeAdopted) -> None:
    client = adopt().test_client()
    body = say(client).get_json()
    assert base64.b64decode(body["audio"]).startswith(b"RIFF")
    assert (body["sample_rate"], body["success"]) == (24000, True)
    batch = client.post("/generate_batch", json={"texts": ["One", "Two"]}).get_json()
    assert (batch["count"], len(batch["audios"])) == (2, 2)


def test_under_its_prefix_it_makes_links_with_the_prefix(adopt: MakeAdopted) -> None:
    client = adopt().test_client()
    assert client.get("/caller").get_json()["link"] == "/usage"
    assert client.get("/tts/caller?a=1").get_json() | {"headers": 0} == {
        "method": "GET",
        "headers": 0,
        "link": "/tts/usage",
        "query": {"a": "1"},
    }
    moved = client.get("/tts/elsewhere")
    assert (moved.status_code, moved.location) == (308, "http://localhost/tts/elsewhere/")
    assert client.get("/tts/elsewhere/").location == "/tts/usage"


def test_audio_and_text_come_through_with_their_headers_but_not_those_of_the_connection(
    adopt: MakeAdopted,
) -> None:
    client = adopt().test_client()
    sound = client.get("/say.wav?text=Hi", headers={"Origin": "https://elsewhere.example"})
    assert (sound.status_code, sound.mimetype) == (200, "audio/wav")
    assert sound.data.startswith(b"RIFF")
    assert sound.headers["X-Voice"] == "Ada"
    assert "X-Queue-Position" in sound.headers
    assert "X-Request-Id" in sound.headers
    assert "Connection" not in sound.headers
    assert "Access-Control-Allow-Origin" not in sound.headers
    assert client.get("/stream?parts=3").text == "0\n1\n2\n"


def test_forms_and_other_methods_reach_it(adopt: MakeAdopted) -> None:
    client = adopt().test_client()
    form = {"name": "Ada", "voice": (io.BytesIO(b"12345"), "voice.wav")}
    assert client.post("/upload", data=form).get_json() == {"name": "Ada", "bytes": 5}
    assert client.put("/caller").get_json()["method"] == "PUT"
    assert client.head("/caller").data == b""


def test_health_shows_what_the_module_says_of_itself_and_what_only_we_know(
    adopt: MakeAdopted,
) -> None:
    client = adopt(slot="blue", release="v7").test_client()
    told = client.get("/health").get_json()
    assert told | {"version": ""} == {
        "status": "ok",
        "model_loaded": True,
        "engine": "our-tts",
        "device": "cuda:0",
        "gpu_name": "Tesla T4",
        "speaker": "Ada",
        "language": "English",
        "voices": ["Ada"],
        "free_gb": 3.5,
        "family": "adopted",
        "model": str(MODULES / "speech_server.py"),
        "version": "",
        "slot": "blue",
        "release": "v7",
    }


def test_a_module_without_health_gets_the_contract_s(adopt: MakeAdopted) -> None:
    told = adopt("whisperx").test_client().get("/health").get_json()
    assert (told["status"], told["model_loaded"], told["engine"]) == ("ok", True, "whisperx")
    assert (told["gpu_name"], told["model_size"]) == (None, str(MODULES / "hearing_server.py"))


def test_our_own_paths_stay_ours(adopt: MakeAdopted) -> None:
    client = adopt().test_client()
    assert client.get("/ready").get_json()["ready"] is True
    assert client.get("/live").get_json()["live"] is True
    assert client.get("/docs").status_code == 200
    document = client.get("/openapi.json").get_json()
    OpenAPIV31SpecValidator(document).validate()
    assert "AdoptedHealth" in document["components"]["schemas"]
    activity = client.get("/internal/activity", headers=INTERNAL).get_json()
    assert (activity["in_flight"], activity["ready"]) == (0, True)
    assert client.get("/internal/mine").status_code == 404


def test_health_calls_are_no_traffic_and_unknown_paths_neither(adopt: MakeAdopted) -> None:
    app = adopt()
    client = app.test_client()
    before = host(app).activity._last
    for path in ("/health", "/ready", "/live", "/nothing"):
        client.get(path)
    assert client.get("/nothing").get_json()["success"] is False
    refused = client.get("/generate")
    assert (refused.status_code, "POST" in refused.headers["Allow"]) == (405, True)
    assert host(app).activity._last == before
    say(client).close()
    assert host(app).activity._last > before


def test_work_needs_a_key_which_the_module_never_sees(adopt: MakeAdopted) -> None:
    clear, digest = new_key()
    client = adopt(keys=f"alice={digest}").test_client()
    assert say(client).status_code == 401
    assert client.get("/nothing").status_code == 401
    assert client.get("/health").status_code == 200
    assert say(client, X_API_Key=clear).status_code == 200
    for header in ({"X-API-Key": clear}, {"Authorization": f"Bearer {clear}"}):
        seen = client.get("/caller", headers={**header, "X-Other": "1"}).get_json()["headers"]
        assert "X-Other" in seen
        assert not {"X-Api-Key", "Authorization"} & set(seen)


def test_a_body_that_is_too_large_is_refused_before_the_module_sees_it(adopt: MakeAdopted) -> None:
    client = adopt(text_body_mib=1).test_client()
    answer = say(client, "x" * (1024 * 1024 + 1))
    assert answer.status_code == 413
    assert "1 MiB" in answer.get_json()["error"]


def test_a_page_may_call_it_and_the_module_s_own_cors_is_not_doubled(adopt: MakeAdopted) -> None:
    client = adopt("whisperx", cors_origins=("https://a.example",)).test_client()
    asking = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    assert client.options("/transcribe", headers=asking).status_code == 204
    answer = client.post(
        "/transcribe", json={"audio": "UklG"}, headers={"Origin": asking["Origin"]}
    )
    assert answer.headers.getlist("Access-Control-Allow-Origin") == ["https://a.example"]
    stranger = client.post(
        "/transcribe", json={"audio": "UklG"}, headers={"Origin": "https://b.example"}
    )
    assert "Access-Control-Allow-Origin" not in stranger.headers


def test_eight_callers_at_once_are_never_two_in_the_model(adopt: MakeAdopted) -> None:
    app = adopt(seconds=0.002)
    answers: list[TestResponse] = []
    callers = [
        threading.Thread(target=lambda: answers.append(say(app.test_client(), "Hello there")))
        for _ in range(8)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert [answer.status_code for answer in answers] == [200] * 8
    usage = app.test_client().get("/usage").get_json()
    assert usage == {"most_inside": 1, "threads": 1}


def test_a_full_queue_is_a_503_with_a_time_to_come_back(adopt: MakeAdopted) -> None:
    app = adopt(seconds=0.01, queue_items=2, key_items=2)
    callers = [threading.Thread(target=say, args=(app.test_client(), "x" * 100)) for _ in range(3)]
    callers[0].start()
    until(lambda: in_flight(app) == 1 and len(host(app).schedulers["adopted"].queue) == 0)
    for caller in callers[1:]:
        caller.start()
    until(lambda: len(host(app).schedulers["adopted"].queue) == 2)
    answer = say(app.test_client())
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    for caller in callers:
        caller.join()
    assert in_flight(app) == 0


def test_a_drain_is_refused_in_flight_and_then_refuses_work(adopt: MakeAdopted) -> None:
    app = adopt(seconds=0.02)
    client = app.test_client()
    caller = threading.Thread(target=say, args=(app.test_client(), "x" * 50))
    caller.start()
    until(lambda: in_flight(app) == 1)
    drain = {"path": "/internal/drain", "json": {"seconds": 60}, "headers": INTERNAL}
    assert client.post(**drain).status_code == 409
    caller.join()
    assert client.post(**drain).status_code == 200
    assert say(client).status_code == 503
    client.post("/internal/resume", headers=INTERNAL)
    assert say(client).status_code == 200


def test_batches_are_refused_while_the_budget_is_nearly_used_up(adopt: MakeAdopted) -> None:
    app = adopt()
    host(app).batches.refuse(60, "")
    client = app.test_client()
    assert client.post("/generate_batch", json={"texts": ["A"]}).status_code == 429
    assert say(client).status_code == 200


def test_a_long_call_of_the_contract_is_kept_alive(adopt: MakeAdopted) -> None:
    app = adopt(seconds=0.02, heartbeat_seconds=0.2)
    text = say(app.test_client(), "x" * 40).text
    assert len(text) - len(text.lstrip()) >= 2
    assert json.loads(text)["success"] is True
    assert in_flight(app) == 0


def test_a_long_call_of_another_path_waits_in_silence(adopt: MakeAdopted) -> None:
    app = adopt(seconds=0.02, heartbeat_seconds=0.1)
    answer = app.test_client().get("/say.wav?text=" + "x" * 30)
    assert answer.data.startswith(b"RIFF")


def test_a_late_failure_is_told_in_the_body(adopt: MakeAdopted) -> None:
    app = adopt("whisperx", seconds=0.5, heartbeat_seconds=0.1)
    client = app.test_client()
    late = client.post("/transcribe", json={"audio": "UklG"}, headers={"X-Deadline-Seconds": "0.3"})
    assert late.status_code == 200
    assert "deadline" in json.loads(late.text)["error"]


def test_a_deadline_settles_any_call(adopt: MakeAdopted) -> None:
    client = adopt(seconds=0.1).test_client()
    answer = client.get("/say.wav?text=xxxxxxxxxx", headers={"X-Deadline-Seconds": "0.2"})
    assert answer.status_code == 503


def test_errors_that_the_module_words_itself_are_its_own(adopt: MakeAdopted) -> None:
    client = adopt().test_client()
    missing = client.post("/generate", json={})
    assert (missing.status_code, missing.get_json()) == (400, {"error": "text is missing"})


@pytest.mark.parametrize(
    ("server", "path"), [("tts", "/broken?text=SECRET"), ("whisperx", "/broken")]
)
def test_a_fault_of_the_module_tells_the_caller_and_the_log_nothing_of_the_request(
    adopt: MakeAdopted, server: Server, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = adopt(server).test_client()
    with caplog.at_level(logging.ERROR):
        answer = client.post(path, json={"secret": "SECRET"})
    body = answer.get_json()
    assert (answer.status_code, body["success"]) == (500, False)
    assert "log says why" in body["error"]
    assert "SECRET" not in answer.text
    assert "Traceback" not in answer.text
    assert say(client).status_code == (200 if server == "tts" else 404)


def test_an_error_page_becomes_an_error_in_our_shape(adopt: MakeAdopted) -> None:
    client = adopt().test_client()
    answer = client.get("/teapot")
    assert (answer.status_code, answer.get_json()["success"]) == (418, False)
    wrong = client.post("/generate", data="{", content_type="application/json")
    assert (wrong.status_code, wrong.is_json) == (400, True)


def test_a_stream_that_fails_before_its_first_part_is_a_plain_500(adopt: MakeAdopted) -> None:
    answer = adopt().test_client().get("/stream?parts=0&fail=yes")
    assert (answer.status_code, answer.get_json()["success"]) == (500, False)


def test_a_long_call_that_computes_lives_and_one_that_hangs_does_not(adopt: MakeAdopted) -> None:
    app = adopt(seconds=0.01, stall_seconds=2.5)
    client = app.test_client()

    def lives() -> bool:
        return client.get("/live").status_code == 200

    computing = threading.Thread(target=say, args=(app.test_client(), "x" * 500))
    computing.start()
    until(lambda: in_flight(app) == 1)
    looked: list[bool] = []
    until(lambda: looked.append(lives()) or not computing.is_alive())  # type: ignore[func-returns-value]
    assert set(looked) == {True}

    def hang() -> None:
        app.test_client().post("/hang", json={"seconds": 4})

    hanging = threading.Thread(target=hang)
    hanging.start()
    until(lambda: not lives())
    hanging.join()
    assert lives()
