"""Whatever arrives as a body, the answer is a clear error and never a 500."""

from __future__ import annotations

import json
import tracemalloc

import pytest

from tests.runtime.conftest import MakeApp
from voicehost.app import host
from voicehost.errors import QueueFull
from voicehost.keys import new_key
from voicehost.queueing.batch import Batch
from voicehost.telemetry.logs import JsonLines
from voicehost.web.gate import Gate

JSON = "application/json"


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"", JSON, 400),
        (b"{", JSON, 400),
        (b'{"text": "a"', JSON, 400),
        (b"null", JSON, 400),
        (b'"text"', JSON, 400),
        (b"[1, 2", JSON, 400),
        (b"\xff\xfe\x00", JSON, 400),
        ('{"text": "Hi."}'.encode("utf-16"), JSON, 400),
        (b'{"text": "\\ud800 x"}', JSON, 400),
        (b'{"text": NaN}', JSON, 400),
        (b"[" * 100_000, JSON, 400),
        (b'{"text": ' * 5000, JSON, 400),
        (b'{"text": 1e999999}', JSON, 400),
        (b'{"text": "Hi."}', "text/plain", 415),
        (b"text=Hi", "application/x-www-form-urlencoded", 415),
        (b'{"text": "Hi."}', "", 415),
        (b'{"text": "Hi."}', "application/json; charset=utf-8", 200),
        (b'{"text": "Hi."}', "application/vnd.voice+json", 200),
    ],
)
def test_bodies(clock_app: MakeApp, data: bytes, kind: str, status: int) -> None:
    answer = clock_app().test_client().post("/generate", data=data, content_type=kind)
    assert answer.status_code == status
    if status != 200:
        error = answer.get_json()["error"]
        assert error
        assert "Traceback" not in error
        assert "pydantic" not in error


def test_a_compressed_body_is_refused(clock_app: MakeApp) -> None:
    headers = {"Content-Encoding": "gzip", "Content-Type": JSON}
    answer = clock_app().test_client().post("/generate", data=b"\x1f\x8b", headers=headers)
    assert answer.status_code == 415


def test_a_body_over_the_limit_is_refused(clock_app: MakeApp) -> None:
    client = clock_app(text_body_mib=1).test_client()
    answer = client.post("/generate", json={"text": "x" * 2**21})
    assert answer.status_code == 413
    assert "larger than 1 MiB" in answer.get_json()["error"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/generate", 405), ("PUT", "/health", 405), ("POST", "/nothing", 404),
     ("GET", "/internal", 404), ("DELETE", "/", 405)],
)  # fmt: skip
def test_wrong_methods_and_paths(clock_app: MakeApp, method: str, path: str, status: int) -> None:
    answer = clock_app().test_client().open(path, method=method)
    assert answer.status_code == status
    assert answer.get_json()["error"]
    if status == 405:
        assert answer.headers["Allow"]


@pytest.mark.parametrize("part", ["1,", "{},", "[],", '"",'])
def test_a_body_of_a_million_parts_is_refused_before_it_is_parsed(
    clock_app: MakeApp, part: str
) -> None:
    body = '{"texts": [' + part * 1_000_000 + "1]}"
    answer = clock_app().test_client().post("/generate_batch", data=body, content_type=JSON)
    assert answer.status_code == 413
    assert "too many parts" in answer.get_json()["error"]


def test_a_list_of_wrong_elements_costs_one_error(clock_app: MakeApp) -> None:
    client = clock_app().test_client()
    for field in ("texts", "instructs"):
        body = {"texts": ["a"], field: [1] * 250_000}
        tracemalloc.start()
        answer = client.post("/generate_batch", json=body)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert answer.status_code == 400
        assert f"{field}[0]" in answer.get_json()["error"]
        assert peak < 20 * 2**20


def test_a_fault_is_logged_with_its_request_and_without_its_message(
    clock_app: MakeApp, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = clock_app()

    def spill(batch: Batch) -> None:
        raise ValueError(f"cannot say {batch.rows[0].payload.text}")

    monkeypatch.setattr(host(app).schedulers["speak"].engine, "run", spill)
    headers = {"X-Request-Id": "the-one"}
    answer = app.test_client().post("/generate", json={"text": "A secret plan."}, headers=headers)
    assert answer.status_code == 500
    formatted = "".join(JsonLines("tts").format(line) for line in caplog.records)
    assert "secret" not in formatted + answer.get_json()["error"]
    assert '"request_ids": ["the-one"]' in formatted
    assert "ValueError" in formatted
    assert "in spill" in formatted


def test_more_bodies_than_memory_allows_are_refused_at_once(clock_app: MakeApp) -> None:
    client = clock_app(body_mib=1, text_body_mib=1, memory_mib=1).test_client()
    with host(client.application).gate.request(2**20 - 5):
        answer = client.post("/generate", json={"text": "Hi there."})
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
    assert client.post("/generate", json={"text": "Hi there."}).status_code == 200


def test_memory_may_be_held_in_part_and_is_given_back_in_full() -> None:
    gate = Gate(1, 100)
    with gate.memory(80) as held:
        with pytest.raises(QueueFull), gate.memory(21):
            pass
        held.resize(10)
        with gate.memory(90), pytest.raises(QueueFull):
            held.resize(11)
        held.resize(100)
        with pytest.raises(QueueFull), gate.memory(1):
            pass
    with gate.memory(100):
        pass


def test_neither_text_nor_key_is_logged(
    clock_app: MakeApp, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    clear, digest = new_key()
    client = clock_app(keys=f"alice={digest}").test_client()
    caplog.set_level("INFO")
    for text in ("A secret plan.", "", "bad <|secret|>"):
        client.post("/generate", json={"text": text}, headers={"X-API-Key": clear}).close()
    formatted = [JsonLines("tts").format(line) for line in caplog.records]
    requests = [json.loads(line) for line in formatted if '"request"' in line]
    assert [line["status"] for line in requests] == [200, 400, 400]
    assert requests[0]["key"] == "alice"
    assert requests[0]["items"] == 1
    everything = "".join(formatted) + capsys.readouterr().out
    for hidden in ("secret", "plan", clear, digest):
        assert hidden not in everything
