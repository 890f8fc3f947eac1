"""Jobs pass: taken at once, found where the answer says, followed line by line, taken back."""

from __future__ import annotations

import json
import threading

import httpx
import pytest

from gpuvoice.proxy.expected import beats
from tests import web
from tests.client.proxy.raw import open_call
from tests.client.proxy.running import SECRET, Proxied, proxy_before
from tests.client.proxy.scripted import Line, Scripted
from tests.client.proxy.sleeping import calls_of, later, phase
from tests.e2e.console.cloud import Cloud
from tests.patience import until

ASYNC = {"Prefer": "respond-async", "Idempotency-Key": "one", "Cache-Control": "no-cache"}
TAKEN = {"success": True, "id": "7", "status": "queued"}
TEXTS = {"texts": ["Good morning."]}


def taken(location: str) -> object:
    return lambda line: line.tell(202, TAKEN, Location=location, Preference_Applied="respond-async")


@pytest.mark.parametrize("path", ["", "/tts", "/gpu/tts"])
def test_the_answer_says_where_the_job_is_for_the_caller(upstream: Scripted, path: str) -> None:
    with proxy_before(upstream.url + path) as proxied:
        upstream.on[f"{path}/ready"] = upstream.on["/ready"]
        for told in {f"{path}/jobs/7", "/tts/jobs/7", f"{upstream.url}{path}/jobs/7"}:
            upstream.on[f"{path}/generate_batch"] = [taken(told)]  # type: ignore[list-item]
            for base, place in (
                (proxied.speech, "/jobs/7"),
                (f"{proxied.speech}/tts", "/tts/jobs/7"),
                (f"{proxied.console}/tts", "/tts/jobs/7"),
            ):
                answer = web.post(f"{base}/generate_batch", json=TEXTS, headers=ASYNC,
                                    trust_env=False)  # fmt: skip
                assert (answer.status_code, answer.json()) == (202, TAKEN)
                assert answer.headers["Location"] == place
                assert answer.headers["Preference-Applied"] == "respond-async"


def test_a_place_elsewhere_is_not_touched(upstream: Scripted, before: Proxied) -> None:
    for told in ("https://elsewhere.example/jobs/7", "//elsewhere.example/jobs/7"):
        upstream.on["/generate_batch"] = [taken(told)]  # type: ignore[list-item]
        answer = web.post(f"{before.console}/tts/generate_batch", json=TEXTS, trust_env=False)
        assert answer.headers["Location"] == told


def test_what_the_caller_wishes_goes_on(upstream: Scripted, before: Proxied) -> None:
    upstream.on["/generate_batch"] = [taken("/jobs/7")]  # type: ignore[list-item]
    given = {**ASYNC, "X-Voice-For": "mallory", "X-Voice-Neighbour": "guess"}
    web.post(f"{before.speech}/generate_batch", json=TEXTS, headers=given, trust_env=False)
    (asked,) = upstream.of("/generate_batch")
    kept = {name.lower(): value for name, value in ASYNC.items()}
    assert kept.items() <= asked.headers.items()
    assert not {"x-voice-for", "x-voice-neighbour"} & asked.headers.keys()


def test_results_come_line_by_line(upstream: Scripted, before: Proxied) -> None:
    read = threading.Event()

    def follows(line: Line) -> None:
        line.begin(200, Content_Type="application/x-ndjson", Transfer_Encoding="chunked")
        line.part(b'{"index": 0}\n')
        assert read.wait(20)
        line.part(b'\n{"index": 1}\n')
        line.part(b"")

    upstream.on["/jobs/7/results?from=0"] = [follows]
    with web.stream(
        "GET", f"{before.speech}/jobs/7/results?from=0", trust_env=False, timeout=30
    ) as answer:
        assert answer.headers["Content-Type"] == "application/x-ndjson"
        lines = (line for line in answer.iter_lines() if line.strip())
        assert json.loads(next(lines)) == {"index": 0}
        read.set()
        assert [json.loads(line) for line in lines] == [{"index": 1}]


def test_results_that_break_off_are_a_broken_connection(
    upstream: Scripted, before: Proxied
) -> None:
    def breaks(line: Line) -> None:
        line.begin(200, Content_Type="application/x-ndjson", Transfer_Encoding="chunked")
        line.part(b'{"index": 0}\n')
        line.cut()

    upstream.on["/jobs/7/results"] = [breaks]
    with pytest.raises(httpx.RemoteProtocolError):
        web.get(f"{before.speech}/jobs/7/results", trust_env=False)


def test_a_job_is_cancelled_and_deleted(upstream: Scripted, before: Proxied) -> None:
    upstream.on["/jobs/7/cancel"] = [lambda line: line.tell(200, TAKEN)]
    upstream.on["/jobs/7"] = [lambda line: line.tell(200, {"success": True})]
    with web.Client(base_url=before.speech, trust_env=False) as client:
        assert client.post("/jobs/7/cancel").status_code == 200
        assert client.delete("/jobs/7").status_code == 200
    cancel, delete = upstream.of("/jobs/7/cancel") + upstream.of("/jobs/7")
    assert (cancel.method, delete.method) == ("POST", "DELETE")
    assert cancel.headers["x-api-key"] == delete.headers["x-api-key"] == SECRET
    assert "transfer-encoding" not in delete.headers
    assert calls_of(before) == []


def test_jobs_are_told_while_the_models_load(upstream: Scripted, before: Proxied) -> None:
    upstream.on["/ready"] = [lambda line: line.tell(503, {"models": {}}, Retry_After="1")]
    upstream.on["/jobs"] = [lambda line: line.tell(200, {"jobs": []})]
    assert web.get(f"{before.speech}/jobs", trust_env=False).json() == {"jobs": []}
    assert web.get(f"{before.speech}/docs", trust_env=False).status_code == 503


def test_looking_at_jobs_wakes_nothing(cloud: Cloud, asleep: Proxied) -> None:
    with web.Client(base_url=asleep.speech, trust_env=False) as client:
        answers = [client.get("/jobs"), client.get("/jobs/7/results"),
                   client.post("/jobs/7/cancel"), client.delete("/jobs/7")]  # fmt: skip
    assert [(each.status_code, each.json()["state"]) for each in answers] == [(503, "asleep")] * 4
    assert cloud.look() == "off"


@pytest.mark.parametrize(("headers", "begins"), [
    ({"Prefer": "respond-async, wait=10"}, False),
    ({"Prefer": "handling=lenient, Respond-Async; x=1"}, False),
    ({"Prefer": "wait=10"}, True),
    ({"Accept": "audio/flac"}, False),
    ({"Accept": "application/json;q=0.5, audio/*"}, False),
    ({"Accept": "audio/flac;q=0.1, */*"}, True),
    ({"Accept": "application/json, text/plain, */*"}, True),
    ({"Accept": "audio/flac;q=high, application/json;q=0.1"}, True),
    ({"Accept": "*/*, application/json;q=0.1, audio/flac;q=0.5"}, False),
    ({}, True),
])  # fmt: skip
def test_signs_of_life_come_only_where_json_of_a_200_is_to_follow(
    headers: dict[str, str], begins: bool
) -> None:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    assert beats("/generate", raw) is begins
    assert beats("/narrate", raw) is begins
    assert not beats("/v1/audio/speech", raw)


def test_a_job_for_a_sleeping_gpu_is_taken_when_it_is_there(cloud: Cloud, asleep: Proxied) -> None:
    with open_call(f"{asleep.speech}/generate_batch", TEXTS, Prefer="respond-async"):
        until(lambda: phase(cloud) == "starting")
    call = later(f"{asleep.speech}/generate", {"text": "x"}, Accept="audio/flac")
    until(lambda: bool(calls_of(asleep)) and calls_of(asleep)[0]["seconds"] > 0.6)
    cloud.start()
    answer = call.result()
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "audio/flac")
    assert answer.content[:4] == b"fLaC"
