"""What one segment's failure, a busy server, a lost server and another run do to a narration."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from gpuvoice import ConfigError, KeyRefused, MissingExtra, NotReady
from gpuvoice.narration.whole_file import write_whole
from tests.client.narration.desk import TEXTS, Body, Desk, narration_of
from tests.patience import until

ALL = narration_of(TEXTS)
WHOLE = ["alignment.json", "narration.srt", "narration.vtt", "narration.wav"]


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name in WHOLE)


def test_a_refused_segment_is_told_and_the_others_go_on(desk: Desk, tmp_path: Path) -> None:
    report = desk.run(narration_of({**TEXTS, "two": "... --- ..."}), tmp_path)
    (faulty,) = report.faulty
    assert faulty.segment.id == "two"
    assert "has no letter or digit" in faulty.faults[0]
    assert not report.complete
    assert files(tmp_path) == []
    told = json.loads((tmp_path / "report.json").read_text())
    assert (told["success"], told["complete"], told["faulty"]) == (False, False, ["two"])
    desk.fresh_calls()
    assert desk.run(ALL, tmp_path).complete
    assert desk.fresh_calls() == {"/generate": 1, "/align": 1}
    assert files(tmp_path) == WHOLE


def test_a_clip_that_cannot_be_timed_is_told_and_tried_again_by_the_next_run(
    desk: Desk, tmp_path: Path
) -> None:
    def fail(path: str, body: Body) -> tuple[int, Body] | None:
        bad = path == "/align" and body["text"] == TEXTS["two"]
        return (500, {"success": False, "error": "out of memory"}) if bad else None

    desk.ears.before = fail
    (faulty,) = desk.run(ALL, tmp_path).faulty
    assert faulty.segment.id == "two"
    assert "out of memory" in faulty.faults[0]
    assert files(tmp_path) == WHOLE
    desk.fresh_calls()
    desk.ears.before = lambda path, body: None
    assert desk.run(ALL, tmp_path).faulty == []
    assert desk.fresh_calls() == {"/align": 1}


def test_word_times_that_break_the_promise_are_told(desk: Desk, tmp_path: Path) -> None:
    def late(path: str, asked: Body, answered: Body) -> Body:
        if path != "/align":
            return answered
        return {**answered, "words": [{**word, "end": 99.0} for word in answered["words"]]}

    desk.ears.after = late
    report = desk.run(ALL, tmp_path)
    assert [o.faults for o in report.faulty] == [
        ("no word times: a word lies outside the recording",)
    ] * 3


def test_a_sleeping_gpu_is_waited_for_from_the_first_call_on(desk: Desk, tmp_path: Path) -> None:
    asleep = [(503, {"success": False, "error": "The GPU sleeps.", "state": "asleep"})] * 3

    def sleep(path: str, body: Body) -> tuple[int, Body] | None:
        return asleep.pop() if asleep else None

    desk.speech.before = sleep
    assert desk.run(ALL, tmp_path).faulty == []
    assert {waiting.state for waiting in desk.follower.waited} == {"asleep"}


def test_a_gpu_that_does_not_wake_ends_the_run_with_everything_kept(
    desk: Desk, tmp_path: Path
) -> None:
    def no_budget(path: str, body: Body) -> tuple[int, Body] | None:
        if path != "/generate" or body["text"] == TEXTS["one"]:
            return None
        until(lambda: (tmp_path / "clips/one.json").exists())
        return 503, {"success": False, "error": "The budget is used up.", "state": "budget"}

    desk.speech.before = no_budget
    with pytest.raises(NotReady, match="budget is used up"):
        desk.run(ALL, tmp_path)
    desk.speech.before = lambda path, body: None
    desk.fresh_calls()
    desk.run(ALL, tmp_path)
    assert desk.fresh_calls()["/generate"] == 2


def test_a_refused_key_ends_the_run_at_once(desk: Desk, tmp_path: Path) -> None:
    many = narration_of({f"s{n}": f"Text number {n}." for n in range(40)})
    desk.speech.before = lambda path, body: (401, {"error": "no"}) if path == "/generate" else None
    with pytest.raises(KeyRefused):
        desk.run(many, tmp_path, parallel=2)
    assert desk.fresh_calls()["/generate"] <= 4


def test_so_many_are_under_way_at_once_and_no_more(desk: Desk, tmp_path: Path) -> None:
    many = narration_of({f"s{n}": f"Text number {n}." for n in range(12)})

    def gather(path: str, body: Body) -> None:
        if path == "/generate" and desk.speech.most_at_once < 3:
            until(lambda: desk.speech.most_at_once == 3)

    desk.speech.before = gather
    desk.run(many, tmp_path, parallel=3)
    assert desk.speech.most_at_once == 3


def test_two_runs_do_not_share_a_folder(desk: Desk, tmp_path: Path) -> None:
    began, may_go_on = threading.Event(), threading.Event()

    def hold(path: str, body: Body) -> None:
        if path == "/generate":
            began.set()
            may_go_on.wait(20)

    desk.speech.before = hold
    first = threading.Thread(target=desk.run, args=(ALL, tmp_path))
    first.start()
    assert began.wait(20)
    with pytest.raises(ConfigError, match=f"process {os.getpid()}"):
        desk.run(ALL, tmp_path)
    may_go_on.set()
    first.join()
    assert desk.run(ALL, tmp_path).takes == 0


@pytest.mark.parametrize("owner", ["1", "mine", "", "torn"])
def test_the_lock_of_a_run_that_is_gone_is_taken_over(
    desk: Desk, tmp_path: Path, owner: str
) -> None:
    (tmp_path / "narration.lock").write_text(str(os.getpid()) if owner == "mine" else owner)
    assert desk.run(ALL, tmp_path).complete


def test_without_word_times_there_are_no_subtitles_that_do_not_fit(
    desk: Desk, tmp_path: Path
) -> None:
    desk.run(ALL, tmp_path)
    assert files(tmp_path) == WHOLE
    desk.run(narration_of({**TEXTS, "two": "A text that is new."}), tmp_path, align=False)
    assert files(tmp_path) == ["narration.wav"]


def test_listening_needs_packages_and_says_so_before_anything_is_spoken(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jiwer", None)
    with pytest.raises(MissingExtra, match="verify"):
        desk.run(ALL, tmp_path, verify=0.1)
    assert desk.fresh_calls() == {}


def test_a_file_is_on_the_disk_before_it_takes_the_place_of_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"old")

    def power_fails(number: int) -> None:
        assert os.fstat(number).st_size == 3, "all of it is handed to the system first"
        assert path.read_bytes() == b"old"
        raise OSError("power failed")

    monkeypatch.setattr(os, "fsync", power_fails)
    with pytest.raises(OSError, match="power failed"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    monkeypatch.undo()
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert [file.name for file in tmp_path.iterdir()] == ["a.wav"]


def test_what_a_killed_run_left_half_written_is_cleared_away(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips/.one.wav.part").write_bytes(b"RIFF")
    desk.run(ALL, tmp_path)
    assert not [path for path in (tmp_path / "clips").iterdir() if path.name.startswith(".")]
