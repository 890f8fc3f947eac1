"""A second run does what is missing or changed, and nothing else."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gpuvoice.narration import Segment
from tests.client.narration.desk import TEXTS, Body, Desk, narration_of

ALL = narration_of(TEXTS)
ONE = Counter({"/generate": 1, "/align": 1})


def changed(segment_id: str, **fields: str) -> Any:
    return replace(
        ALL,
        segments=tuple(
            replace(each, **fields) if each.id == segment_id else each for each in ALL.segments
        ),
    )


@pytest.fixture
def done(desk: Desk, tmp_path: Path) -> Path:
    """A folder in which everything is done."""
    assert desk.run(ALL, tmp_path).faulty == []
    assert desk.fresh_calls() == {"/generate": 3, "/align": 3}
    return tmp_path


def test_with_nothing_changed_no_work_is_asked_for(desk: Desk, done: Path) -> None:
    report = desk.run(ALL, done)
    assert desk.fresh_calls() == {}
    assert (report.takes, len(report.outcomes), report.complete) == (0, 3, True)


@pytest.mark.parametrize(
    "fields",
    [{"text": "A text that is new."}, {"instruct": "Whispering."}, {"voice": "ryan"},
     {"language": "de"}],
    ids=["text", "instruct", "voice", "language"],
)  # fmt: skip
def test_what_is_said_to_the_voice_makes_that_segment_new(
    desk: Desk, done: Path, fields: dict[str, str]
) -> None:
    clips = {path.name: path.stat().st_mtime_ns for path in (done / "clips").glob("*.wav")}
    # The clock speaks English only.
    desk.speech.before = desk.ears.before = _without_language
    desk.run(changed("two", **fields), done)
    assert desk.fresh_calls() == ONE
    after = {path.name: path.stat().st_mtime_ns for path in (done / "clips").glob("*.wav")}
    assert {name for name in clips if clips[name] != after[name]} == {"two.wav"}


def test_the_language_of_the_server_may_be_named_without_a_call(desk: Desk, done: Path) -> None:
    desk.run(changed("two", language="en"), done)
    desk.run(ALL, done, language="en")
    assert desk.fresh_calls() == {}


def test_another_seed_makes_all_new(desk: Desk, done: Path) -> None:
    desk.run(ALL, done, seed=7)
    assert desk.fresh_calls() == {"/generate": 3, "/align": 3}


@pytest.mark.parametrize(
    ("field", "calls"),
    [("model", {"/generate": 3, "/align": 3}), ("speaker", {"/generate": 3, "/align": 3}),
     ("language", {"/generate": 3, "/align": 3}), ("version", {})],
)  # fmt: skip
def test_another_voice_model_makes_all_new(
    desk: Desk, done: Path, field: str, calls: dict[str, int]
) -> None:
    desk.speech.after = lambda path, asked, answered: {**answered, field: "another"}
    desk.run(ALL, done)
    assert desk.fresh_calls() == calls


def test_another_recognition_model_times_again_what_is_spoken(desk: Desk, done: Path) -> None:
    desk.ears.after = lambda path, asked, answered: (
        {**answered, "model": "another"} if path == "/health" else answered
    )
    desk.run(ALL, done)
    assert desk.fresh_calls() == {"/align": 3}


def test_a_decoration_that_is_not_spoken_needs_no_new_clip(desk: Desk, done: Path) -> None:
    desk.run(changed("two", text="Speaker 2: A second text."), done)
    assert desk.fresh_calls() == {"/align": 1}


def test_listening_is_added_without_speaking_again(desk: Desk, done: Path) -> None:
    desk.run(ALL, done, verify=99.0)
    assert desk.fresh_calls() == {"/transcribe": 3}
    desk.run(ALL, done, verify=98.0)
    assert desk.fresh_calls() == {}


def test_a_segment_that_comes_back_to_its_old_words_is_new(desk: Desk, done: Path) -> None:
    desk.run(changed("two", text="A text that is new."), done)
    desk.fresh_calls()
    desk.run(ALL, done)
    assert desk.fresh_calls() == ONE


@pytest.mark.parametrize("name", ["two.wav", "two.json"])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[: len(data) // 2],
        lambda data: b"",
        lambda data: data + b"\0",
        lambda data: b"[1, 2]",
    ],
    ids=["torn", "empty", "longer", "foreign"],
)
def test_a_torn_or_foreign_file_counts_as_missing(
    desk: Desk, done: Path, name: str, spoil: Any
) -> None:
    path = done / "clips" / name
    path.write_bytes(spoil(path.read_bytes()))
    assert desk.run(ALL, done).faulty == []
    assert desk.fresh_calls() == ONE


def test_facts_of_another_clip_are_not_believed(desk: Desk, done: Path) -> None:
    clips = done / "clips"
    (clips / "two.json").write_bytes((clips / "one.json").read_bytes())
    desk.run(ALL, done)
    assert desk.fresh_calls() == ONE


def test_the_order_may_change_without_a_call(desk: Desk, done: Path) -> None:
    desk.run(replace(ALL, segments=ALL.segments[::-1]), done)
    assert desk.fresh_calls() == {}
    entries = json.loads((done / "alignment.json").read_text())
    assert [entry["id"] for entry in entries] == ["three", "two", "one"]


def test_clips_of_removed_segments_go_and_foreign_files_stay(desk: Desk, done: Path) -> None:
    foreign = [done / "clips/mine.wav", done / "mine.txt"]
    for path in foreign:
        path.write_text("mine")
    report = desk.run(replace(ALL, segments=ALL.segments[:2]), done)
    assert report.removed == ("three",)
    assert desk.follower.said == ["Removed the clips of segments that are there no more: three."]
    assert sorted(path.name for path in (done / "clips").iterdir()) == [
        "mine.wav", "one.json", "one.wav", "two.json", "two.wav",
    ]  # fmt: skip
    assert all(path.exists() for path in foreign)


@pytest.mark.parametrize(
    "state", ["", "[]", '{"format": 1, "ids": ["../mine", "/mine", 3, ".."]}', '{"format": 2}']
)
def test_a_state_file_that_is_not_ours_removes_nothing(desk: Desk, done: Path, state: str) -> None:
    (done / "mine.wav").write_text("mine")
    (done / "narration.state.json").write_text(state)
    report = desk.run(replace(ALL, segments=ALL.segments[:2]), done)
    assert report.removed == ()
    assert (done / "mine.wav").exists()
    assert (done / "clips/three.wav").exists()


def test_an_id_that_is_written_in_another_case_keeps_its_clip(desk: Desk, done: Path) -> None:
    segments = (*ALL.segments[:2], replace(ALL.segments[2], id="THREE"))
    assert desk.run(replace(ALL, segments=segments), done).removed == ()
    assert desk.fresh_calls() == {}
    assert sorted(path.name for path in (done / "clips").iterdir()) == [
        "THREE.json", "THREE.wav", "one.json", "one.wav", "two.json", "two.wav",
    ]  # fmt: skip


def test_a_renamed_segment_is_one_removed_and_one_new(desk: Desk, done: Path) -> None:
    segments = (*ALL.segments[:2], Segment("third", TEXTS["three"]))
    assert desk.run(replace(ALL, segments=segments), done).removed == ("three",)
    assert desk.fresh_calls() == ONE


def _without_language(path: str, body: Body) -> None:
    body.pop("language", None)
