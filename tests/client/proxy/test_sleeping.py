"""A call for work wakes the GPU, waits for it, and is answered.

The deployment is the true front function and controller (tests/e2e/console/cloud.py).
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from power.memory import InstanceHours, MonthHours, month_of
from power.model import SlotRecord, Stop
from power.policy import Policy
from power.quiet import QuietWindow
from tests import web
from tests.client.proxy.raw import open_call, read_parts, split
from tests.client.proxy.running import Proxied
from tests.client.proxy.sleeping import TEXTS, calls_of, later, phase, proxy_to
from tests.e2e.console.cloud import Cloud
from tests.patience import until
from tests.power.house import HOUR, MINUTE

SIX = ["/generate", "/generate_batch", "/transcribe", "/transcribe_batch", "/align", "/align_batch"]


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
    until(lambda: calls_of(asleep)[0]["state"] == "waiting")
    until(lambda: calls_of(asleep)[0]["seconds"] > 1)
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


@pytest.mark.parametrize(("state", "sentence"), [
    ("quiet", "outside working hours"), ("budget", "budget is used up"),
    ("backoff", "last start failed"),
])  # fmt: skip
def test_where_a_call_wakes_nothing_it_is_told_at_once(
    cloud: Cloud, asleep: Proxied, state: str, sentence: str
) -> None:
    rest(cloud, state)
    answer = web.post(f"{asleep.speech}/generate", json={"text": "x"}, trust_env=False)
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
        answer = web.post(f"{proxied.speech}/generate", json={"text": "x"}, trust_env=False)
    assert answer.status_code == 401
    assert words in answer.json()["error"]
    assert "gv_" not in answer.text
    assert cloud.look() == "off"


def test_whoever_goes_away_waits_no_longer(cloud: Cloud, asleep: Proxied) -> None:
    call = open_call(f"{asleep.speech}/generate", {"text": "x"})
    until(lambda: bool(calls_of(asleep)) and calls_of(asleep)[0]["state"] == "waiting")
    call.close()
    until(lambda: calls_of(asleep)[0]["state"] == "cancelled")


def test_patience_has_an_end_in_words(cloud: Cloud) -> None:
    with proxy_to(cloud, patience_seconds=0.5, heartbeat_seconds=60) as proxied:
        answer = web.post(f"{proxied.speech}/generate", json={"text": "x"}, trust_env=False)
    assert answer.status_code == 503
    assert answer.json()["error"].startswith("Not ready ")
    assert answer.json()["state"] in ("asleep", "starting")
    assert "Retry-After" in answer.headers


def test_a_failure_after_signs_of_life_is_no_success(cloud: Cloud) -> None:
    with proxy_to(cloud, patience_seconds=1, heartbeat_seconds=0.2) as proxied:
        answer = web.post(f"{proxied.speech}/generate", json={"text": "x"}, trust_env=False)
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
    until(lambda: bool(calls_of(asleep)) and calls_of(asleep)[0]["seconds"] > 0.6)
    cloud.start()
    answer = call.result()
    assert answer.status_code == 404
    assert not answer.text.startswith(" ")
