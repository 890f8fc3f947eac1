"""A call for work wakes the GPU, waits for it, and is answered; nothing else wakes it.

The deployment is the true front function and controller (tests/e2e/console/cloud.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from power.memory import InstanceHours, MonthHours, month_of
from power.model import Lease, SlotRecord, Stop
from power.policy import Policy
from power.quiet import QuietWindow
from tests.client.proxy.raw import open_call, read_parts, split
from tests.client.proxy.running import Proxied, proxy_before
from tests.e2e.console.cloud import Cloud
from tests.patience import until
from tests.power.house import ALICE, HOUR, MINUTE

TEXTS = {"texts": ["Good morning.", "And welcome."]}
SIX = ["/generate", "/generate_batch", "/transcribe", "/transcribe_batch", "/align", "/align_batch"]


@contextmanager
def proxy_to(cloud: Cloud, key: str = ALICE, **settings: Any) -> Iterator[Proxied]:
    urls = (f"{cloud.url}/tts", f"{cloud.url}/whisperx", f"{cloud.url}/power")
    with proxy_before(*urls, key=key, **settings) as made:
        yield made


@pytest.fixture
def asleep(cloud: Cloud) -> Iterator[Proxied]:
    with proxy_to(cloud) as made:
        yield made


def later(url: str, body: object = TEXTS, **headers: str) -> Future[httpx.Response]:
    """A call in a thread of its own."""
    threads = ThreadPoolExecutor(1)
    call = threads.submit(httpx.post, url, json=body, headers=headers, timeout=60, trust_env=False)
    threads.shutdown(wait=False)
    return call


def phase(cloud: Cloud) -> str:
    return cloud.house.store.read().records["blue"].phase


def test_a_call_wakes_the_gpu_waits_for_it_and_succeeds(cloud: Cloud, asleep: Proxied) -> None:
    call = later(f"{asleep.speech}/generate_batch")
    until(lambda: phase(cloud) == "starting")
    assert not call.done()
    cloud.start()
    answer = call.result()
    assert answer.status_code == 200
    assert (answer.json()["success"], answer.json()["count"]) == (True, 2)


def test_meanwhile_it_gives_signs_of_life_that_are_white_space_before_json(
    cloud: Cloud, asleep: Proxied
) -> None:
    call = open_call(f"{asleep.speech}/generate_batch", TEXTS)
    threads = ThreadPoolExecutor(1)
    reading = threads.submit(read_parts, call)
    until(lambda: phase(cloud) == "starting")
    until(lambda: _calls(asleep)[0]["state"] == "waiting")
    until(lambda: _calls(asleep)[0]["seconds"] > 1)
    cloud.start()
    parts = reading.result()
    threads.shutdown()
    status, head, chunks = split(b"".join(part.data for part in parts))
    assert status == 200
    assert b"application/json" in head
    beats = [chunk for chunk in chunks if chunk == b" "]
    assert len(beats) >= 3
    assert chunks[: len(beats)] == beats
    assert chunks[-1] == b""
    assert json.loads(b"".join(chunks))["count"] == 2


def _calls(proxied: Proxied) -> list[dict[str, Any]]:
    return proxied.proxy.calls.shown()


@pytest.mark.parametrize("path", SIX)
def test_all_six_calls_for_work_wake_it(cloud: Cloud, asleep: Proxied, path: str) -> None:
    base = asleep.speech if path.startswith("/generate") else asleep.recognition
    with open_call(base + path, {}):
        until(lambda: phase(cloud) == "starting")


def test_many_calls_wait_for_one_start(cloud: Cloud, asleep: Proxied) -> None:
    calls = [later(f"{asleep.speech}/generate", {"text": f"Number {n}."}) for n in range(12)]
    until(lambda: phase(cloud) == "starting")
    cloud.start()
    assert [call.result().json()["success"] for call in calls] == [True] * 12
    assert len(cloud.house.store.read().starts) == 1


def test_looking_wakes_nothing(cloud: Cloud, asleep: Proxied) -> None:
    for base in (asleep.speech, asleep.recognition):
        for path in ("/health", "/live", "/docs", "/favicon.ico", "/openapi.json"):
            answer = httpx.get(base + path, trust_env=False)
            assert answer.status_code == (200 if path == "/health" else 503)
    for path in ("/api/status", "/badge.svg", "/", "/api/power/status"):
        assert httpx.get(asleep.console + path, trust_env=False).status_code == 200
    assert cloud.look() == "off"
    assert cloud.house.store.read().wishes == {}


def test_asking_whether_it_is_ready_is_asking_for_it(cloud: Cloud, asleep: Proxied) -> None:
    answer = httpx.get(f"{asleep.speech}/ready", trust_env=False)
    assert (answer.status_code, answer.json()["state"]) == (503, "asleep")
    assert phase(cloud) == "starting"


def test_health_of_a_sleeping_gpu_has_the_fields_that_clients_read(
    cloud: Cloud, asleep: Proxied
) -> None:
    speech = httpx.get(f"{asleep.speech}/health", trust_env=False)
    assert speech.status_code == 200
    assert "Retry-After" not in speech.headers
    assert {
        "status": "ok", "model_loaded": False, "engine": "qwen3-tts", "device": None,
        "gpu_name": None, "speaker": "Aiden", "language": "English", "state": "asleep",
        "eta_seconds": None, "ready": False,
    }.items() <= speech.json().items()  # fmt: skip
    recognition = httpx.get(f"{asleep.recognition}/health", trust_env=False).json()
    assert (recognition["engine"], recognition["model_size"]) == ("whisperx", "large-v3")
    httpx.post(f"{asleep.console}/api/power/start", json={}, trust_env=False)
    cloud.look(5)
    started = httpx.get(f"{asleep.speech}/health", trust_env=False).json()
    assert started["state"] == "starting"
    assert started["eta_seconds"] > 60
    cloud.start()
    assert httpx.get(f"{asleep.speech}/health", trust_env=False).json()["model_loaded"] is True


def test_with_wake_health_a_health_check_wakes_it(cloud: Cloud) -> None:
    with proxy_to(cloud, wake="health") as proxied:
        assert httpx.get(f"{proxied.speech}/health", trust_env=False).status_code == 200
    assert phase(cloud) == "starting"


def test_with_wake_never_only_a_start_wakes_it(cloud: Cloud) -> None:
    with proxy_to(cloud, wake="never") as proxied:
        answer = httpx.post(f"{proxied.speech}/generate", json={"text": "x"}, trust_env=False)
        assert (answer.status_code, answer.json()["state"]) == (503, "asleep")
        assert "gpuvoice up" in answer.json()["error"]
        for path in ("/ready", "/health", "/docs"):
            httpx.get(f"{proxied.speech}{path}", trust_env=False)
        assert cloud.look() == "off"
        started = httpx.post(f"{proxied.speech}/power/start", json={}, trust_env=False)
        assert started.status_code == 202
        cloud.look(5)
        call = later(f"{proxied.speech}/generate", {"text": "x"})
        until(lambda: bool(_calls(proxied)) and _calls(proxied)[0]["state"] == "waiting")
        cloud.start()
        assert call.result().json()["success"] is True


@pytest.mark.parametrize(("state", "sentence"), [
    ("quiet", "outside working hours"), ("budget", "budget is used up"),
    ("backoff", "last start failed"),
])  # fmt: skip
def test_where_a_call_wakes_nothing_it_is_told_at_once(
    cloud: Cloud, asleep: Proxied, state: str, sentence: str
) -> None:
    rest(cloud, state)
    answer = httpx.post(f"{asleep.speech}/generate", json={"text": "x"}, trust_env=False)
    assert (answer.status_code, answer.json()["state"]) == (503, state)
    assert sentence in answer.json()["error"]
    assert int(answer.headers["Retry-After"]) >= 1


def rest(cloud: Cloud, state: str) -> None:
    """Put it into a state in which a call for work wakes nothing."""
    always = (QuietWindow(("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"), 0, 0),)
    now = cloud.house.clock.now
    if state == "quiet":
        cloud.house.open(quiet=always)
    elif state == "budget":
        cloud.house.open(policy=Policy(budget_usd=1))
        hours = InstanceHours(now - HOUR, now, 2.0)
        cloud.house.store.put_hours(MonthHours(month_of(now), {"i-1": hours}))
    else:
        stop = Stop("failed", "No capacity.", now - MINUTE)
        record = SlotRecord(since=now - MINUTE, live=True, main=True, stop=stop, failures=1,
                            retry_at=now + HOUR)  # fmt: skip
        cloud.house.store.put_record("blue", record)


@pytest.mark.parametrize(("key", "words"), [
    ("gv_nobody-s", "not valid"), ("", "no key"),
])  # fmt: skip
def test_a_key_that_wakes_nothing_is_told_at_once(cloud: Cloud, key: str, words: str) -> None:
    with proxy_to(cloud, key=key) as proxied:
        answer = httpx.post(f"{proxied.speech}/generate", json={"text": "x"}, trust_env=False)
    assert answer.status_code == 401
    assert words in answer.json()["error"]
    assert "gv_" not in answer.text
    assert cloud.look() == "off"


def test_whoever_goes_away_waits_no_longer(cloud: Cloud, asleep: Proxied) -> None:
    call = open_call(f"{asleep.speech}/generate", {"text": "x"})
    until(lambda: bool(_calls(asleep)) and _calls(asleep)[0]["state"] == "waiting")
    call.close()
    until(lambda: _calls(asleep)[0]["state"] == "cancelled")


def test_patience_has_an_end_in_words(cloud: Cloud) -> None:
    with proxy_to(cloud, patience_seconds=0.5, heartbeat_seconds=60) as proxied:
        answer = httpx.post(f"{proxied.speech}/generate", json={"text": "x"}, trust_env=False)
    assert answer.status_code == 503
    assert answer.json()["error"].startswith("Not ready ")
    assert answer.json()["state"] in ("asleep", "starting")
    assert "Retry-After" in answer.headers


def test_a_failure_after_signs_of_life_is_no_success(cloud: Cloud) -> None:
    with proxy_to(cloud, patience_seconds=1, heartbeat_seconds=0.2) as proxied:
        answer = httpx.post(f"{proxied.speech}/generate", json={"text": "x"}, trust_env=False)
    assert answer.status_code == 200
    assert answer.text.startswith(" ")
    assert answer.json()["success"] is False
    assert answer.json()["status"] == 503
    assert answer.json()["error"].startswith("Not ready ")


def test_the_callers_own_deadline_is_its_patience(cloud: Cloud, asleep: Proxied) -> None:
    call = later(f"{asleep.speech}/generate", {"text": "x"}, **{"X-Deadline-Seconds": "0.5"})
    assert call.result().json()["error"].startswith("Not ready ")


def test_a_path_whose_callers_may_not_look_for_success_waits_in_silence(
    cloud: Cloud, asleep: Proxied
) -> None:
    call = later(f"{asleep.speech}/something/else", {})
    until(lambda: bool(_calls(asleep)) and _calls(asleep)[0]["seconds"] > 0.6)
    cloud.start()
    answer = call.result()
    assert answer.status_code == 404
    assert not answer.text.startswith(" ")


def test_links_to_stored_results_are_signed_asleep(cloud: Cloud, asleep: Proxied) -> None:
    answer = httpx.post(f"{asleep.speech}/results/sign", json={"ids": []}, trust_env=False)
    assert answer.status_code in (400, 404, 503)
    assert cloud.look() == "off"


def test_the_key_is_in_no_answer(cloud: Cloud, asleep: Proxied) -> None:
    lease = Lease("1", "alice", "demo", cloud.house.clock.now, cloud.house.clock.now + 99)
    cloud.house.store.put_lease(lease)
    urls = [asleep.console + path for path in ("/api/status", "/", "/badge.svg", "/power/status")]
    urls += [asleep.speech + path for path in ("/health", "/docs", "/nothing", "/power/lease")]
    for url in urls:
        answer = httpx.get(url, trust_env=False)
        assert ALICE not in answer.text
        assert ALICE not in str(answer.headers)
