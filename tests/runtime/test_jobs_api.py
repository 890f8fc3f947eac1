"""A batch call that becomes a job: what is checked, what is said, who may see it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.patience import until
from tests.runtime.conftest import MakeApp, sound_base64
from tests.runtime.held_voice import HeldVoice
from tests.runtime.job_servers import (
    ASYNC,
    TEXTS,
    begun,
    ended,
    lines,
    look,
    post,
    serving,
)
from voicehost.app import create_app, host
from voicehost.caller import Caller
from voicehost.engines.clock import tone
from voicehost.errand import Errand
from voicehost.host import Host
from voicehost.items.call import BatchCall
from voicehost.items.hear import align_call, transcribe_call
from voicehost.keys import new_key
from voicehost.settings import VoiceHostSettings
from voicehost.web.bodies import MIB

ALICE, ALICE_DIGEST = new_key()
BOB, BOB_DIGEST = new_key()
KEYS = f"alice={ALICE_DIGEST},bob={BOB_DIGEST}"


@pytest.fixture
def voice() -> HeldVoice:
    return HeldVoice(held=True)


@pytest.fixture
def app(tmp_path: Path, voice: HeldVoice) -> Iterator[Flask]:
    with serving(tmp_path, voice) as made:
        yield made


def test_a_job_is_answered_before_anything_is_said(app: Flask, voice: HeldVoice) -> None:
    response = post(app.test_client(), headers={"Prefer": "wait=5, Respond-Async"})
    body = response.get_json()
    assert response.status_code == 202
    assert response.headers["Location"] == f"/jobs/{body['id']}"
    assert response.headers["Preference-Applied"] == "respond-async"
    assert (body["success"], body["call"], body["count"]) == (True, "/generate_batch", 5)
    assert (body["done"], body["failed"]) == (0, 0)
    assert body["status"] in ("queued", "running")
    assert body["created_at"] < body["expires_at"]
    assert voice.said == []


def test_the_address_of_a_job_has_the_prefix_that_its_caller_used(app: Flask) -> None:
    response = app.test_client().post("/tts/generate_batch", json={"texts": TEXTS}, headers=ASYNC)
    path = response.headers["Location"]
    assert path.startswith("/tts/jobs/")
    assert look(app.test_client(), path)["id"] == response.get_json()["id"]


def test_a_call_that_prefers_to_wait_is_answered_with_the_result(app: Flask, voice: Any) -> None:
    voice.allow()
    response = post(app.test_client(), headers={"Prefer": "wait=10"})
    assert response.status_code == 200
    assert len(response.get_json()["audios"]) == 5


def test_the_items_are_what_the_call_itself_answers(app: Flask, voice: HeldVoice) -> None:
    voice.allow()
    client = app.test_client()
    path = begun(client, format="flac")
    job = ended(client, path)
    waited = client.post("/generate_batch", json={"texts": TEXTS, "format": "flac"}).get_json()
    found = lines(client, path)
    assert [line["audio"] for line in found[:-1]] == waited["audios"]
    assert [line["index"] for line in found[:-1]] == [0, 1, 2, 3, 4]
    assert job["status"] == "done"
    assert (job["done"], job["failed"]) == (5, 0)
    assert [item["status"] for item in job["items"]] == ["done"] * 5


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"texts": []}, 400, "texts: is empty"),
        ({"texts": ["One.", " "]}, 400, "texts[1]"),
        ({"texts": ["One."] * 129}, 413, "129"),
        ({"texts": ["One."], "voices": []}, 400, "voices"),
        ({"texts": "One."}, 400, "texts"),
        ({"texts": ["One."], "delivery": "s3"}, 400, "delivery"),
        ({"texts": ["One."], "callback": "https://example.com/"}, 400, "calls nobody"),
    ],
)
def test_what_the_call_refuses_becomes_no_job(
    app: Flask, body: dict[str, Any], status: int, says: str
) -> None:
    client = app.test_client()
    response = client.post("/generate_batch", json=body, headers=ASYNC)
    assert response.status_code == status
    assert says in response.get_json()["error"]
    assert look(client, "/jobs")["jobs"] == []
    assert host(app).activity.now().in_flight == 0


def test_batches_that_are_refused_become_no_job(app: Flask) -> None:
    host(app).batches.refuse(60, "No money")
    response = post(app.test_client())
    assert response.status_code == 429
    assert response.headers["Retry-After"]


def test_a_server_without_a_place_for_jobs_says_what_it_needs() -> None:
    with serving(None) as app:
        response = post(app.test_client())
        assert response.status_code == 400
        assert "VOICE_DATA" in response.get_json()["error"]
        assert app.test_client().get("/jobs").status_code == 400


def test_a_callback_without_a_job_is_refused(app: Flask) -> None:
    body = {"texts": ["One."], "callback": "https://example.com/"}
    response = app.test_client().post("/generate_batch", json=body)
    assert response.status_code == 400
    assert "respond-async" in response.get_json()["error"]


def test_one_item_that_fails_costs_the_others_nothing(app: Flask, voice: HeldVoice) -> None:
    voice.broken["Two birds."] = 2
    voice.allow()
    client = app.test_client()
    path = begun(client)
    job = ended(client, path)
    assert (job["status"], job["done"], job["failed"]) == ("done", 4, 1)
    assert job["items"][1] == {
        "index": 1,
        "status": "failed",
        "error": "The voice broke on this text.",
    }
    found = lines(client, path)
    assert found[1] == {"index": 1, "error": "The voice broke on this text.", "status": 500}
    assert "audio" in found[2]


def test_a_fault_of_the_engine_is_tried_once_more(app: Flask, voice: HeldVoice) -> None:
    voice.broken["Two birds."] = 1
    voice.allow()
    client = app.test_client()
    assert ended(client, begun(client))["failed"] == 0


def test_a_cancelled_job_keeps_what_is_done_and_drops_the_rest(
    app: Flask, voice: HeldVoice
) -> None:
    voice.allow("One bird.")
    client = app.test_client()
    path = begun(client)
    until(lambda: look(client, path)["done"] == 1)
    response = client.post(f"{path}/cancel")
    assert response.get_json()["status"] == "cancelled"
    assert response.get_json()["ended_at"] is not None
    job = ended(client, path)
    assert [item["status"] for item in job["items"]] == ["done"] + ["cancelled"] * 4
    found = lines(client, path)
    assert "audio" in found[0]
    assert [line["status"] for line in found[1:-1]] == [409] * 4
    assert found[-1]["job"]["status"] == "cancelled"
    until(lambda: host(app).activity.now().in_flight == 0)
    assert len(host(app).schedulers["speak"].queue) == 0
    voice.allow()
    client.post("/generate", json={"text": "Afterwards."})
    assert voice.said == ["One bird.", "Afterwards."]


def test_a_deleted_job_leaves_nothing_behind(app: Flask, voice: HeldVoice, tmp_path: Path) -> None:
    voice.allow("One bird.")
    client = app.test_client()
    path = begun(client)
    until(lambda: look(client, path)["done"] == 1)
    assert client.delete(path).get_json()["success"] is True
    assert client.get(path).status_code == 404
    assert client.get(f"{path}/results").status_code == 404
    assert client.post(f"{path}/cancel").status_code == 404
    assert client.delete(path).status_code == 404
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []
    until(lambda: host(app).activity.now().in_flight == 0)


def test_the_same_call_again_is_the_same_job(app: Flask, voice: HeldVoice) -> None:
    voice.allow()
    client = app.test_client()
    path = begun(client)
    ended(client, path)
    assert begun(client) == path
    assert begun(client, batch=True) != path
    assert begun(client, headers={"Idempotency-Key": "another"}) != path
    anew = begun(client, TEXTS[:1], headers={"Cache-Control": "no-cache"})
    assert anew != begun(client, TEXTS[:1])
    assert begun(client, TEXTS[:4]) != path
    ended(client, path)
    assert voice.said.count("Five birds.") == 3


def test_a_repeated_call_does_what_was_cancelled_and_nothing_twice(
    app: Flask, voice: HeldVoice
) -> None:
    voice.allow("One bird.", "Three birds.")
    client = app.test_client()
    path = begun(client)
    until(lambda: look(client, path)["done"] == 2)
    client.post(f"{path}/cancel")
    voice.allow()
    assert begun(client) == path
    assert ended(client, path)["done"] == 5
    assert sorted(voice.said) == sorted(TEXTS)


def test_a_repeated_call_does_what_failed_again(app: Flask, voice: HeldVoice) -> None:
    voice.broken["Two birds."] = 2
    voice.allow()
    client = app.test_client()
    path = begun(client)
    assert ended(client, path)["failed"] == 1
    assert begun(client) == path
    job = ended(client, path)
    assert (job["done"], job["failed"]) == (5, 0)
    assert sorted(voice.said) == sorted(TEXTS)


def test_what_is_done_again_is_refused_as_a_batch_is(app: Flask, voice: HeldVoice) -> None:
    client = app.test_client()
    path = begun(client)
    client.post(f"{path}/cancel")
    host(app).batches.refuse(60, "No money")
    assert post(client).status_code == 429
    host(app).batches.allow()
    assert begun(client) == path


def test_a_deleted_job_is_made_afresh(app: Flask, voice: HeldVoice) -> None:
    voice.allow()
    client = app.test_client()
    path = begun(client)
    ended(client, path)
    client.delete(path)
    ended(client, begun(client))
    assert voice.said.count("One bird.") == 2


def test_jobs_are_listed_newest_first(app: Flask, voice: HeldVoice) -> None:
    client = app.test_client()
    paths = [begun(client, [text]) for text in TEXTS[:3]]
    voice.allow()
    for path in paths:
        ended(client, path)
    found = look(client, "/jobs")
    assert found["count"] == 3
    assert [f"/jobs/{job['id']}" for job in found["jobs"]] == paths[::-1]
    assert all("items" not in job for job in found["jobs"])


def test_a_job_of_another_key_is_as_if_it_never_was(tmp_path: Path) -> None:
    with serving(tmp_path, keys=KEYS) as app:
        client = app.test_client()
        alice, bob = {"X-API-Key": ALICE}, {"X-API-Key": BOB}
        path = post(client, headers=alice).headers["Location"]
        never = f"/jobs/{'0' * 32}"
        for method, end in (("GET", ""), ("GET", "/results"), ("POST", "/cancel"), ("DELETE", "")):
            his = client.open(path + end, method=method, headers=bob)
            unknown = client.open(never + end, method=method, headers=bob)
            assert his.status_code == unknown.status_code == 404
            assert his.get_json() == unknown.get_json()
        assert look(client, "/jobs", **bob)["jobs"] == []
        assert ended(client, path, **alice)["done"] == 5
        assert post(client, headers=bob).headers["Location"] != path
        assert client.get(path).status_code == 401


@pytest.mark.parametrize("name", ["..", "x", "A" * 32, "0" * 31, "%2e%2e%2f" + "0" * 32])
def test_what_is_no_id_of_a_job_is_unknown(app: Flask, name: str) -> None:
    assert app.test_client().get(f"/jobs/{name}").status_code == 404


def test_a_key_has_so_many_jobs_open_and_no_more(tmp_path: Path) -> None:
    voice = HeldVoice(held=True)
    with serving(tmp_path, voice, keys=KEYS, jobs_per_key=2) as app:
        client = app.test_client()
        alice, bob = {"X-API-Key": ALICE}, {"X-API-Key": BOB}
        assert [post(client, [text], alice).status_code for text in TEXTS[:2]] == [202, 202]
        refused = post(client, [TEXTS[2]], alice)
        assert refused.status_code == 429
        assert "2 jobs" in refused.get_json()["error"]
        assert int(refused.headers["Retry-After"]) > 0
        assert post(client, [TEXTS[0]], alice).status_code == 202
        assert post(client, [TEXTS[2]], bob).status_code == 202
        assert host(app).activity.now().in_flight == 3


def test_so_many_jobs_are_worked_on_at_once(tmp_path: Path) -> None:
    voice = HeldVoice(held=True)
    voice.allow("Hello.")
    with serving(tmp_path, voice, jobs_at_once=1) as app:
        client = app.test_client()
        first, second = begun(client, TEXTS[:1]), begun(client, TEXTS[1:2])
        until(lambda: look(client, first)["status"] == "running")
        for _ in range(3):
            assert client.post("/generate", json={"text": "Hello."}).status_code == 200
        assert look(client, second)["status"] == "queued"
        assert TEXTS[1] not in voice.seen
        voice.allow()
        ended(client, second)


def test_a_job_that_waits_for_its_turn_is_cancelled_without_one(tmp_path: Path) -> None:
    with serving(tmp_path, HeldVoice(held=True), jobs_at_once=1) as app:
        client = app.test_client()
        first, second = begun(client, TEXTS[:1]), begun(client, TEXTS[1:2])
        client.post(f"{second}/cancel")
        assert ended(client, second)["status"] == "cancelled"
        assert look(client, first)["ended_at"] is None


def test_the_next_job_is_of_who_has_the_fewest_under_way(tmp_path: Path) -> None:
    voice = HeldVoice(held=True)
    with serving(tmp_path, voice, keys=KEYS, jobs_at_once=2) as app:
        client = app.test_client()
        alice, bob = {"X-API-Key": ALICE}, {"X-API-Key": BOB}
        for text in TEXTS[:4]:
            post(client, [text], alice)
        post(client, [TEXTS[4]], bob)
        until(lambda: {TEXTS[0], TEXTS[1]} <= voice.seen)
        voice.allow(TEXTS[0])
        until(lambda: TEXTS[4] in voice.seen)
        assert not {TEXTS[2], TEXTS[3]} & voice.seen


def test_a_call_of_the_same_key_does_not_wait_behind_a_job(tmp_path: Path) -> None:
    voice = HeldVoice(rows=2, held=True)
    with serving(tmp_path, voice, keys=KEYS, key_items=2) as app:
        client = app.test_client()
        texts = [f"Sheep number {number}." for number in range(40)]
        alice = {"X-API-Key": ALICE}
        path = post(client, texts, alice).headers["Location"]
        until(lambda: len(voice.seen) == 3)
        queue = host(app).schedulers["speak"].queue
        until(lambda: len(queue) == 2)  # of the 40: rows + 2 are on their way, 2 of them running
        voice.allow()
        said = client.post("/generate", json={"text": "In between."}, headers=alice)
        assert said.status_code == 200
        ended(client, path, **alice)
        assert voice.said.index("In between.") < 30


def test_a_few_items_of_a_job_are_under_way_at_a_time(tmp_path: Path) -> None:
    voice = HeldVoice(rows=4, held=True)
    with serving(tmp_path, voice) as app:
        client = app.test_client()
        path = begun(client, [f"Sheep number {number}." for number in range(40)])
        queue = host(app).schedulers["speak"].queue
        until(lambda: len(voice.seen) == 5 and len(queue) == 2)
        for _ in range(5):
            assert look(client, path)["done"] == 0
            assert len(queue) == 2
        statuses = [item["status"] for item in look(client, path)["items"]]
        assert statuses == ["running"] * 6 + ["waiting"] * 34


def test_a_job_counts_as_under_way_and_looking_at_it_does_not(app: Flask, voice: Any) -> None:
    client = app.test_client()
    activity = host(app).activity
    assert activity.now().in_flight == 0
    path = begun(client)
    assert activity.now().in_flight == 1
    for _ in range(3):
        look(client, path)
        look(client, "/jobs")
        lines(client, path, "?follow=false")
    assert activity.now().in_flight == 1
    voice.allow()
    ended(client, path)
    until(lambda: activity.now().in_flight == 0)
    since = activity.now().seconds_since_last_request
    until(lambda: activity.now().seconds_since_last_request > since)
    look(client, path)
    lines(client, path)
    assert activity.now().seconds_since_last_request > since


def test_a_draining_server_begins_no_job_and_still_shows_them(app: Flask, voice: Any) -> None:
    voice.allow()
    client = app.test_client()
    path = begun(client)
    ended(client, path)
    until(lambda: host(app).activity.now().in_flight == 0)
    host(app).activity.drain(60)
    assert post(client, TEXTS[:1]).status_code == 503
    assert look(client, path)["status"] == "done"
    assert len(lines(client, path)) == 6


def test_jobs_can_be_read_while_the_model_loads(tmp_path: Path) -> None:
    with serving(tmp_path) as app:
        path = begun(app.test_client())
        ended(app.test_client(), path)
    cold = create_app(HeldVoice(), VoiceHostSettings(engine="clock", data=tmp_path))
    assert cold.test_client().get("/ready").status_code == 503
    assert len(lines(cold.test_client(), path)) == 6
    assert post(cold.test_client()).status_code == 503


def test_reading_takes_a_place_like_any_call(tmp_path: Path) -> None:
    with serving(tmp_path, requests_at_once=1) as app:
        client = app.test_client()
        path = begun(client)
        ended(client, path)
        with host(app).gate.request(0):
            for target in (path, "/jobs", f"{path}/results"):
                assert client.get(target).status_code == 503


def test_the_other_server_has_jobs_too(tmp_path: Path, clock_app: MakeApp) -> None:
    app = clock_app("whisperx", data=tmp_path)
    client = app.test_client()
    audio = sound_base64(tone(20))
    heard = {"audios": [audio, audio]}
    path = client.post("/transcribe_batch", json=heard, headers=ASYNC).headers["Location"]
    ended(client, path)
    waited = client.post("/transcribe_batch", json=heard).get_json()["transcriptions"]
    assert [line["text"] for line in lines(client, path)[:-1]] == [one["text"] for one in waited]

    aligned = {"items": [{"audio": audio, "text": "Good morning."}, {"audio": "!", "text": "x"}]}
    path = client.post("/align_batch", json=aligned, headers=ASYNC).headers["Location"]
    ended(client, path)
    found = lines(client, path)
    waited = client.post("/align_batch", json=aligned).get_json()["alignments"]
    assert found[0]["words"] == waited[0]["words"]
    assert (found[1]["error"], found[1]["status"]) == (waited[1]["error"], 400)


def test_a_recording_that_cannot_be_read_is_refused_by_its_place(
    tmp_path: Path, clock_app: MakeApp
) -> None:
    client = clock_app("whisperx", data=tmp_path, audio_seconds=2).test_client()
    good, long = sound_base64(tone(20)), sound_base64(tone(30))
    for bad, status in (("!", 400), (long, 413)):
        answer = client.post("/transcribe_batch", json={"audios": [good, bad]}, headers=ASYNC)
        assert answer.status_code == status
        assert answer.get_json()["error"].startswith("audios[1]")
    assert look(client, "/jobs")["jobs"] == []


class NoticedErrand(Errand):
    """Tells when it begins to wait."""

    def __init__(self) -> None:
        super().__init__(Caller("alice", "folder", "request"))
        self.paused = threading.Event()

    def pause(self, seconds: float) -> None:
        self.paused.set()
        super().pause(min(seconds, 0.01))


@pytest.mark.parametrize("made", [transcribe_call, align_call])
def test_a_recording_waits_for_memory(
    clock_app: MakeApp, made: Callable[[Host], BatchCall]
) -> None:
    app = clock_app("whisperx")
    audio = sound_base64(tone(20))
    spoken = {"audio": audio, "item": {"audio": audio, "text": "Good morning."}, "language": "en"}
    errand = NoticedErrand()
    perform = made(host(app)).perform
    with ThreadPoolExecutor(1) as threads, ExitStack() as held:
        held.enter_context(host(app).gate.memory(host(app).settings.memory_mib * MIB))
        result = threads.submit(perform, errand, spoken)
        until(lambda: errand.paused.is_set() or result.done())
        assert not result.done()
        held.close()
        assert result.result(20)


def test_texts_and_audio_are_kept_where_their_owner_alone_can_read(
    app: Flask, voice: HeldVoice, tmp_path: Path
) -> None:
    voice.allow()
    ended(app.test_client(), begun(app.test_client()))
    kept = list((tmp_path / "jobs").rglob("*"))
    assert len(kept) > 10
    for path in kept:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)


def test_the_neighbour_is_told_whose_job_it_is(
    tmp_path: Path, clock_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = clock_app("whisperx", data=tmp_path, keys=KEYS, neighbour_key="shared")
    audio = sound_base64(tone(20))
    headers = {"X-Voice-Neighbour": "shared", "X-Voice-For": "alice+jobs", **ASYNC}
    with caplog.at_level("INFO"):
        answer = app.test_client().post(
            "/transcribe_batch", json={"audios": [audio]}, headers=headers, buffered=True
        )
    assert answer.status_code == 202
    assert [vars(line)["key"] for line in caplog.records if line.message == "request"] == [
        "alice+jobs"
    ]
    mine = look(app.test_client(), "/jobs", **{"X-API-Key": ALICE})
    assert [job["id"] for job in mine["jobs"]] == [answer.get_json()["id"]]
