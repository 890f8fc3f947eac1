"""What a job does when the server ends, its disk fails, its key goes or its money is used up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import until
from tests.runtime.held_voice import HeldVoice
from tests.runtime.job_servers import (
    TEXTS,
    begun,
    ended,
    jobs_of,
    lines,
    look,
    open_jobs,
    post,
    serving,
)
from voicehost.app import host
from voicehost.blobs.disk import DiskBlobs
from voicehost.ending import ending
from voicehost.jobs import pauses, work
from voicehost.jobs.layout import Place
from voicehost.jobs.pauses import Pauses
from voicehost.jobs.records import Marker
from voicehost.keys import KeyRing, new_key
from voicehost.telemetry.emf import Unit

ALICE, ALICE_DIGEST = new_key()
HEADERS = {"X-API-Key": ALICE}
MIB = 2**20


@pytest.fixture
def the_end() -> Iterator[threading.Event]:
    yield ending
    ending.clear()


def marker(folder: Path) -> Marker:
    (name,) = open_jobs(folder)
    return Marker.model_validate_json(DiskBlobs(folder).get(name) or b"")


def test_a_server_that_ends_puts_its_jobs_off_at_once(
    tmp_path: Path, the_end: threading.Event
) -> None:
    with serving(tmp_path, HeldVoice(held=True)) as app:
        path = begun(app.test_client())
        until(lambda: look(app.test_client(), path)["status"] == "running")
        the_end.set()
        until(lambda: jobs_of(app).live() == [])
        assert host(app).activity.now().in_flight == 0
        assert look(app.test_client(), path)["failed"] == 0
        assert marker(tmp_path).begun == 0


def test_an_item_that_fails_while_the_server_ends_is_not_settled(
    tmp_path: Path, the_end: threading.Event
) -> None:
    voice = HeldVoice(held=True)
    voice.broken[TEXTS[0]] = 2
    with serving(tmp_path, voice) as app:
        path = begun(app.test_client(), TEXTS[:1])
        until(lambda: TEXTS[0] in voice.seen)
        jobs_of(app).keeper.close()
        until(lambda: all(thread.name != "jobs" for thread in threading.enumerate()))
        the_end.set()
        voice.allow()
        until(lambda: jobs_of(app).live() == [])
        assert look(app.test_client(), path)["failed"] == 0
    the_end.clear()
    with serving(tmp_path) as app:
        assert ended(app.test_client(), path)["done"] == 1


def test_a_job_whose_results_cannot_be_kept_is_given_up_after_some_tries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pauses, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(work, "KEEP_PAUSES", ())
    voice = HeldVoice(held=True)
    with serving(tmp_path, voice) as app:
        path = begun(app.test_client(), TEXTS[:1])
        (tmp_path / "jobs/items/tts/anonymous" / path.rsplit("/", 1)[-1] / "made").write_text("")
        voice.allow()
        until(lambda: jobs_of(app).live() == [])
        for rounds in range(1, 5):
            assert marker(tmp_path).begun == rounds == len(voice.said)
            jobs_of(app).keeper.look()
            until(lambda: jobs_of(app).live() == [])
        assert ended(app.test_client(), path)["status"] == "failed"
        assert len(voice.said) == 4
        assert open_jobs(tmp_path) == []


def test_a_job_whose_results_cannot_be_kept_is_left_alone_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "KEEP_PAUSES", ())
    voice = HeldVoice(held=True)
    with serving(tmp_path, voice) as app:
        path = begun(app.test_client(), TEXTS[:1])
        (tmp_path / "jobs/items/tts/anonymous" / path.rsplit("/", 1)[-1] / "made").write_text("")
        voice.allow()
        until(lambda: jobs_of(app).live() == [])
        for _ in range(3):
            jobs_of(app).keeper.look()
            assert jobs_of(app).live() == []
        assert host(app).activity.now().in_flight == 0
        assert voice.said == TEXTS[:1]


def test_pauses_grow_up_to_half_an_hour() -> None:
    now = [0.0]
    found, place = Pauses(lambda: now[0]), Place("tts", "folder", "0" * 32)
    for seconds in (30, 60, 120, 240, 480, 960, 1800, 1800):
        found.begin(place)
        now[0] += seconds - 1
        assert place in found
        now[0] += 1
        assert place not in found
    found.forget(place)
    found.begin(place)
    now[0] += 30
    assert place not in found


class NoThread:
    """Lets no thread of a name start while it is `on`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        self.on = True
        start = threading.Thread.start

        def limited(thread: threading.Thread) -> None:
            if self.on and thread.name == name:
                raise RuntimeError("can't start new thread")
            start(thread)

        monkeypatch.setattr(threading.Thread, "start", limited)


def test_a_job_waits_where_no_thread_can_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = NoThread(monkeypatch, "job")
    with serving(tmp_path) as app:
        path = begun(app.test_client())
        assert look(app.test_client(), path)["status"] == "queued"
        limit.on = False
        jobs_of(app).keeper.look()
        assert ended(app.test_client(), path)["done"] == 5
        until(lambda: host(app).activity.now().in_flight == 0)


def test_a_job_needs_no_thread_but_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    NoThread(monkeypatch, "job-item")
    with serving(tmp_path) as app:
        assert ended(app.test_client(), begun(app.test_client()))["done"] == 5


def test_a_job_is_put_off_while_batches_are_refused(tmp_path: Path) -> None:
    voice = HeldVoice(held=True)
    with serving(tmp_path, voice) as app:
        client, jobs = app.test_client(), jobs_of(app)
        path, single = begun(client), begun(client, ["Only one."])
        voice.allow(TEXTS[0])
        until(lambda: look(client, path)["done"] == 1)
        host(app).batches.refuse(60, "No money")
        jobs.keeper.look()
        until(lambda: len(jobs.live()) == 1)
        assert host(app).activity.now().in_flight == 1
        jobs.keeper.look()
        assert [job.head.count for job in jobs.live()] == [1]
        voice.allow()
        assert ended(client, single)["done"] == 1
        host(app).batches.allow()
        jobs.keeper.look()
        assert ended(client, path)["done"] == 5


def test_a_job_of_a_key_that_is_gone_is_cancelled(tmp_path: Path) -> None:
    voice = HeldVoice(rows=1, held=True)
    keys = f"alice={ALICE_DIGEST}"
    texts = [f"Sheep number {number}." for number in range(9)]
    with serving(tmp_path, voice, keys=keys) as app:
        client = app.test_client()
        assert post(client, texts, HEADERS).status_code == 202
        until(lambda: texts[0] in voice.seen)
        (job,) = jobs_of(app).live()
        host(app).keys._ring = KeyRing()
        voice.allow()
        assert job.left.wait(20)
        assert job.status == "cancelled"
        assert len(voice.said) < 9
        assert open_jobs(tmp_path) == []


def test_a_job_of_a_key_that_was_taken_away_before_the_start_says_nothing(tmp_path: Path) -> None:
    _, digest = new_key()
    with serving(tmp_path, HeldVoice(held=True), keys=f"alice={ALICE_DIGEST}") as app:
        post(app.test_client(), TEXTS, HEADERS)
    voice = HeldVoice()
    with serving(tmp_path, voice, keys=f"bob={digest}"):
        until(lambda: open_jobs(tmp_path) == [])
    assert voice.said == []


def given(folder: Path) -> list[str]:
    found = DiskBlobs(folder).find("jobs/items/")
    return sorted(one.name[-1] for one in found if "/given/" in one.name)


def test_what_was_sent_is_kept_only_as_long_as_it_is_needed(tmp_path: Path) -> None:
    voice = HeldVoice()
    voice.broken[TEXTS[3]] = 2
    with serving(tmp_path, voice) as app:
        client = app.test_client()
        path = begun(client)
        assert ended(client, path)["failed"] == 1
        until(lambda: open_jobs(tmp_path) == [])
        assert given(tmp_path) == ["3"]
        assert begun(client) == path
        assert ended(client, path)["done"] == 5
        until(lambda: given(tmp_path) == [])
        assert len(lines(client, path)) == 6


def test_jobs_take_so_much_of_the_disk_and_no_more(tmp_path: Path) -> None:
    DiskBlobs(tmp_path).put("jobs/items/whisperx/anonymous/0/given/0", bytes(MIB))
    with serving(tmp_path, jobs_mib=1) as app:
        response = post(app.test_client())
        assert response.status_code == 503
        assert response.headers["Retry-After"]
        assert "VOICE_JOBS_MIB" in response.get_json()["error"]
        DiskBlobs(tmp_path).delete("jobs/items/whisperx/anonymous/0/given/0")
        assert post(app.test_client()).status_code == 202


def test_what_comes_after_a_delete_goes_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voicehost.jobs.jobs.STOP_SECONDS", 0.0)
    keeping, go_on = threading.Event(), threading.Event()
    put = DiskBlobs.put

    def late(self: DiskBlobs, name: str, data: bytes) -> None:
        if "/made/" in name:
            keeping.set()
            go_on.wait(20)
        put(self, name, data)

    monkeypatch.setattr(DiskBlobs, "put", late)
    with serving(tmp_path) as app:
        path = begun(app.test_client(), TEXTS[:1])
        assert keeping.wait(20)
        assert app.test_client().delete(path).status_code == 200
        go_on.set()
        until(lambda: host(app).activity.now().in_flight == 0)
        assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_a_call_for_a_job_that_is_about_to_end_is_to_be_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voicehost.jobs.jobs.STOP_SECONDS", 0.0)
    stuck, go_on = threading.Event(), threading.Event()

    put = DiskBlobs.put

    def late(self: DiskBlobs, name: str, data: bytes) -> None:
        if "/made/" in name:
            stuck.set()
            go_on.wait(20)
        put(self, name, data)

    monkeypatch.setattr(DiskBlobs, "put", late)
    with serving(tmp_path) as app:
        client = app.test_client()
        path = begun(client, TEXTS[:1])
        assert stuck.wait(20)
        client.post(f"{path}/cancel")
        response = post(client, TEXTS[:1])
        assert response.status_code == 503
        assert response.headers["Retry-After"]
        go_on.set()
        until(lambda: host(app).activity.now().in_flight == 0)
        assert begun(client, TEXTS[:1]) == path


def test_items_count_as_requests_and_faults_as_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    voice = HeldVoice()
    voice.broken[TEXTS[0]] = 2
    with serving(tmp_path, voice) as app:
        metrics = host(app).metrics
        add = metrics.add

        def count(name: str, value: float, unit: Unit) -> None:
            counted.append(name)
            add(name, value, unit)

        monkeypatch.setattr(metrics, "add", count)
        with post(app.test_client()) as response:
            path = response.headers["Location"]
        ended(app.test_client(), path)
    assert counted.count("ServerErrors") == 1
    assert counted.count("Requests") == 1 + 5
