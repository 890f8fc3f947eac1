"""A job goes on after its server ended, whatever it left behind."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

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
from voicehost.jobs import pauses
from voicehost.jobs.records import Head, Marker


def blob(folder: Path, pattern: str) -> Path:
    (found,) = (path for path in folder.glob(f"jobs/{pattern}") if path.name[0] != ".")
    return found


def half_done(folder: Path, **settings: Any) -> str:
    """The path of a job with two of its five items done, whose server has ended."""
    voice = HeldVoice(held=True)
    voice.allow(*TEXTS[1:3])
    with serving(folder, voice, **settings) as app:
        path = begun(app.test_client())
        until(lambda: look(app.test_client(), path)["done"] == 2)
    return path


def marker(folder: Path, slot: str = "local") -> Marker:
    return Marker.model_validate_json(blob(folder, f"open/tts/{slot}/*/*").read_text())


def test_only_what_is_missing_is_done_after_a_restart(tmp_path: Path) -> None:
    path = half_done(tmp_path)
    before = {file: file.stat().st_mtime_ns for file in tmp_path.glob("jobs/items/*/*/*/made/*")}
    assert len(before) == 2
    voice = HeldVoice()
    with serving(tmp_path, voice) as app:
        job = ended(app.test_client(), path)
        found = lines(app.test_client(), path)
    assert (job["status"], job["done"]) == ("done", 5)
    assert sorted(voice.said) == sorted([TEXTS[0], *TEXTS[3:]])
    assert {file: file.stat().st_mtime_ns for file in before} == before
    assert [line.get("index") for line in found] == [0, 1, 2, 3, 4, None]
    assert open_jobs(tmp_path) == []


def test_a_job_that_waits_for_its_turn_goes_on_too(tmp_path: Path) -> None:
    with serving(tmp_path, HeldVoice(held=True), jobs_at_once=1) as app:
        paths = [begun(app.test_client(), [text]) for text in TEXTS[:3]]
    with serving(tmp_path) as app:
        for path in paths:
            assert ended(app.test_client(), path)["done"] == 1


def test_a_failed_item_stays_failed_after_a_restart(tmp_path: Path) -> None:
    voice = HeldVoice(held=True)
    voice.broken[TEXTS[0]] = 2
    voice.allow(TEXTS[0])
    with serving(tmp_path, voice) as app:
        path = begun(app.test_client())
        until(lambda: look(app.test_client(), path)["failed"] == 1)
    voice = HeldVoice()
    with serving(tmp_path, voice) as app:
        job = ended(app.test_client(), path)
    assert (job["done"], job["failed"]) == (4, 1)
    assert job["items"][0]["error"] == "The voice broke on this text."
    assert TEXTS[0] not in voice.said


def test_a_job_that_was_asked_for_again_goes_on_after_a_restart_too(tmp_path: Path) -> None:
    voice = HeldVoice()
    voice.broken[TEXTS[0]] = 2
    with serving(tmp_path, voice) as app:
        path = begun(app.test_client())
        assert ended(app.test_client(), path)["failed"] == 1
    with serving(tmp_path, HeldVoice(held=True)) as app:
        assert begun(app.test_client()) == path
    voice = HeldVoice()
    with serving(tmp_path, voice) as app:
        job = ended(app.test_client(), path)
    assert (job["done"], job["failed"]) == (5, 0)
    assert voice.said == [TEXTS[0]]


def test_an_ended_job_is_as_it_was_after_a_restart(tmp_path: Path) -> None:
    voice = HeldVoice()
    voice.broken[TEXTS[0]] = 2
    with serving(tmp_path, voice) as app:
        path = begun(app.test_client())
        before = ended(app.test_client(), path), lines(app.test_client(), path)
    with serving(tmp_path) as app:
        assert (look(app.test_client(), path), lines(app.test_client(), path)) == before


def test_a_closed_server_stops_its_jobs_soon(tmp_path: Path) -> None:
    with serving(tmp_path, HeldVoice(held=True)) as app:
        begun(app.test_client())
        jobs = jobs_of(app).live()
        host(app).close()
        assert all(job.left.is_set() for job in jobs)
        assert host(app).activity.now().in_flight == 0


def test_a_lease_holds_a_job_back_until_it_is_over(tmp_path: Path) -> None:
    path = half_done(tmp_path)
    blob(tmp_path, "open/tts/local/*/*").unlink()
    voice = HeldVoice()
    with serving(tmp_path, voice) as app:
        jobs = jobs_of(app)
        host(app).activity.drain(60)
        jobs.shelf.mark(jobs.shelf.place("anonymous", path.rsplit("/", 1)[-1]), Marker())
        jobs.keeper.look()
        assert voice.said == []
        assert look(app.test_client(), path)["done"] == 2
        host(app).activity.resume()
        jobs.keeper.look()
        assert ended(app.test_client(), path)["done"] == 5


def test_each_start_of_a_job_is_noted_before_its_first_item(tmp_path: Path) -> None:
    voice = HeldVoice(held=True)
    with serving(tmp_path, voice) as app:
        begun(app.test_client())
        until(lambda: TEXTS[0] in voice.seen)
        assert marker(tmp_path).begun == 1
    assert marker(tmp_path).begun == 0  # it was stopped in order


def test_a_job_that_ends_the_server_again_and_again_is_given_up(tmp_path: Path) -> None:
    path = half_done(tmp_path)
    for begun_before, status in ((3, "running"), (4, "failed")):
        blob(tmp_path, "open/tts/local/*/*").write_text(
            Marker(begun=begun_before, finished=2).model_dump_json()
        )
        voice = HeldVoice(held=True)
        with serving(tmp_path, voice) as app:
            client = app.test_client()
            until(lambda c=client, s=status: look(c, path)["status"] == s)  # type: ignore[misc]
            if status == "running":
                until(lambda v=voice: TEXTS[0] in v.seen)  # type: ignore[misc]
                assert marker(tmp_path).begun == 4
            else:
                job = look(client, path)
                found = lines(client, path)
    assert voice.seen == {"Tick."}
    assert (job["done"], job["failed"]) == (2, 3)
    assert "given up" in job["items"][0]["error"]
    assert "audio" in found[1]
    assert found[0]["status"] == 500
    assert open_jobs(tmp_path) == []


def test_a_finished_item_gives_a_job_new_chances(tmp_path: Path) -> None:
    path = half_done(tmp_path)
    blob(tmp_path, "open/tts/local/*/*").write_text(Marker(begun=4, finished=1).model_dump_json())
    with serving(tmp_path) as app:
        assert ended(app.test_client(), path)["status"] == "done"


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b"\xff\xfe", b'{"id": "x"}'])
def test_a_damaged_record_costs_neither_the_server_nor_another_job(
    tmp_path: Path, damage: bytes
) -> None:
    other = half_done(tmp_path)
    with serving(tmp_path, HeldVoice(held=True)) as app:
        path = begun(app.test_client(), ["A job of its own."])
    name = path.rsplit("/", 1)[-1]
    blob(tmp_path, f"head/tts/*/{name}").write_bytes(damage)
    with serving(tmp_path) as app:
        client = app.test_client()
        assert ended(client, other)["done"] == 5
        assert client.get(path).status_code == 404
        assert [job["id"] for job in look(client, "/jobs")["jobs"]] == [other.rsplit("/", 1)[-1]]
        until(lambda: open_jobs(tmp_path) == [])
        assert ended(client, begun(client, ["A job of its own."]))["done"] == 1


def test_a_damaged_item_is_the_only_one_that_fails(tmp_path: Path) -> None:
    path = half_done(tmp_path)
    blob(tmp_path, "items/tts/*/*/given/0").write_bytes(b'{"text": ')
    with serving(tmp_path) as app:
        job = ended(app.test_client(), path)
    assert (job["done"], job["failed"]) == (4, 1)
    assert "cannot be read" in job["items"][0]["error"]


def test_an_item_with_an_unforeseen_fault_is_the_only_one_that_fails(tmp_path: Path) -> None:
    path = half_done(tmp_path)
    blob(tmp_path, "items/tts/*/*/given/0").write_bytes(b'{"no": "text"}')
    with serving(tmp_path) as app:
        job = ended(app.test_client(), path)
    assert (job["done"], job["failed"]) == (4, 1)
    assert job["items"][0]["error"].startswith("The server failed")


def test_a_damaged_result_is_said_in_its_line(tmp_path: Path) -> None:
    with serving(tmp_path) as app:
        path = begun(app.test_client())
        ended(app.test_client(), path)
        blob(tmp_path, "items/tts/*/*/made/2").write_bytes(b'{"audio": "UklG')
        found = lines(app.test_client(), path)
    assert (found[2]["index"], found[2]["status"]) == (2, 500)
    assert "audio" in found[3]


def test_a_damaged_end_is_made_good_from_what_is_there(tmp_path: Path) -> None:
    with serving(tmp_path) as app:
        path = begun(app.test_client())
        ended(app.test_client(), path)
    blob(tmp_path, "items/tts/*/*/end").write_bytes(b"{")
    blob(tmp_path, "items/tts/*/*/made/2").unlink()
    with serving(tmp_path) as app:
        job = look(app.test_client(), path)
        assert (job["status"], job["done"]) == ("failed", 4)
        assert begun(app.test_client()) == path
        assert ended(app.test_client(), path)["done"] == 5


def test_a_damaged_or_strange_marker_stops_nothing(tmp_path: Path) -> None:
    path = half_done(tmp_path)
    blob(tmp_path, "open/tts/local/*/*").write_bytes(b"\x00")
    (tmp_path / "jobs/open/tts/local/stray").write_bytes(b"")
    with serving(tmp_path) as app:
        assert ended(app.test_client(), path)["done"] == 5


def test_a_job_of_the_other_slot_is_left_to_it_while_it_lives(tmp_path: Path) -> None:
    path = half_done(tmp_path, slot="blue")
    voice = HeldVoice()
    with serving(tmp_path, voice, slot="green") as app:
        jobs = jobs_of(app)
        jobs.keeper.look()
        job = look(app.test_client(), path)
        assert (job["status"], job["done"]) == ("running", 2)
        assert begun(app.test_client()) == path
        assert voice.said == []
        assert marker(tmp_path, "blue") == Marker(finished=2)

        past = time.time() - 601
        os.utime(blob(tmp_path, "open/tts/blue/*/*"), (past, past))
        jobs.keeper.look()
        assert ended(app.test_client(), path)["done"] == 5
    assert sorted(voice.said) == sorted([TEXTS[0], *TEXTS[3:]])
    assert open_jobs(tmp_path) == []


def test_a_job_that_is_worked_on_for_long_stays_its_slots_own(tmp_path: Path) -> None:
    with serving(tmp_path, HeldVoice(held=True), slot="blue") as app:
        begun(app.test_client())
        until(lambda: marker(tmp_path, "blue").begun == 1)
        mark = blob(tmp_path, "open/tts/blue/*/*")
        past = time.time() - 300
        os.utime(mark, (past, past))
        jobs_of(app).keeper.look()
        assert mark.stat().st_mtime > past + 200
        assert marker(tmp_path, "blue").begun == 1


@pytest.mark.parametrize("how", ["cancel", "delete"])
def test_a_job_can_be_stopped_through_the_other_slot(tmp_path: Path, how: str) -> None:
    blue_voice = HeldVoice(held=True)
    blue_voice.allow(TEXTS[0])
    with (
        serving(tmp_path, blue_voice, slot="blue") as blue,
        serving(tmp_path, slot="green") as green,
    ):
        path = begun(blue.test_client())
        until(lambda: look(blue.test_client(), path)["done"] == 1)
        if how == "cancel":
            answer = green.test_client().post(f"{path}/cancel").get_json()
            assert (answer["status"], answer["done"]) == ("cancelled", 1)
        else:
            assert green.test_client().delete(path).status_code == 200
        jobs_of(blue).keeper.look()
        until(lambda: host(blue).activity.now().in_flight == 0)
        expected = 200 if how == "cancel" else 404
        assert blue.test_client().get(path).status_code == expected
    assert blue_voice.said == [TEXTS[0]]


def test_an_expired_job_is_gone_and_swept_away(tmp_path: Path) -> None:
    with serving(tmp_path, jobs_days=2) as app:
        path = begun(app.test_client())
        kept = begun(app.test_client(), ["One that is kept."])
        ended(app.test_client(), path)
        ended(app.test_client(), kept)
    name = path.rsplit("/", 1)[-1]
    file = blob(tmp_path, f"head/tts/*/{name}")
    head = json.loads(file.read_text())
    assert Head.model_validate(head).id == name
    head["created_at"] = "2026-01-01T00:00:00Z"
    file.write_text(json.dumps(head))
    orphan = tmp_path / "jobs/items/tts/anonymous" / ("0" * 32) / "given/0"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"{}")
    with serving(tmp_path, jobs_days=2) as app:
        assert app.test_client().get(path).status_code == 404
        assert [job["id"] for job in look(app.test_client(), "/jobs")["jobs"]] == [
            kept.rsplit("/", 1)[-1]
        ]
        until(lambda: not orphan.exists())
    past = time.time() - 3 * 86400
    os.utime(file, (past, past))
    with serving(tmp_path, jobs_days=2) as app:
        until(lambda: not file.exists())
        work = f"jobs/items/tts/anonymous/{name}/"
        until(lambda: list(DiskBlobs(tmp_path).find(work)) == [])
        assert look(app.test_client(), kept)["status"] == "done"


def test_a_call_whose_job_has_expired_is_a_fresh_one(tmp_path: Path) -> None:
    voice = HeldVoice()
    with serving(tmp_path, voice) as app:
        path = begun(app.test_client(), TEXTS[:1])
        ended(app.test_client(), path)
        file = blob(tmp_path, "head/tts/*/*")
        head = json.loads(file.read_text())
        file.write_text(json.dumps({**head, "created_at": "2026-01-01T00:00:00Z"}))
        assert begun(app.test_client(), TEXTS[:1]) == path
        ended(app.test_client(), path)
    assert voice.said == [TEXTS[0]] * 2


def test_a_job_that_cannot_be_kept_is_not_accepted(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("where the folder should be")
    with serving(tmp_path / "file") as app:
        response = post(app.test_client())
        assert response.status_code == 503
        assert response.headers["Retry-After"]
        assert host(app).activity.now().in_flight == 0


def test_results_that_cannot_be_kept_do_not_count_and_are_made_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pauses, "FIRST_SECONDS", 0.0)
    voice = HeldVoice(held=True)
    with serving(tmp_path, voice) as app:
        path = begun(app.test_client(), TEXTS[:1])
        until(lambda: TEXTS[0] in voice.seen)
        work = blob(tmp_path, "items/tts/*/*")
        (work / "made").write_text("where the folder should be")
        voice.allow()
        until(lambda: "disk failed" in caplog.messages)
        assert look(app.test_client(), path)["done"] == 0
        jobs = jobs_of(app)
        until(lambda: jobs.live() == [], 60)
        assert look(app.test_client(), path)["done"] == 0
        (work / "made").unlink()
        jobs.keeper.look()
        assert ended(app.test_client(), path)["done"] == 1
