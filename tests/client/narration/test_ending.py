"""Whoever takes the folder next is alone in it, however the run before ended."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from gpuvoice import KeyRefused
from gpuvoice.narration import crew
from gpuvoice.narration.door import Door, Shut
from gpuvoice.narration.outcome import Outcome
from tests.client.narration.desk import TEXTS, Body, Desk, Follower, narration_of
from tests.patience import until

TWO = narration_of({name: TEXTS[name] for name in ("one", "two")})


def at_work() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name.startswith("segment-")]


def test_after_an_error_what_was_under_way_is_kept_before_the_folder_is_left(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, ending = threading.Event(), threading.Event()
    leave = crew.Crew.__exit__

    def leaving(
        self: crew.Crew,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closed.set()
        ending.set()
        leave(self, kind, error, trace)

    def refuse_one(path: str, body: Body) -> tuple[int, Body] | None:
        if path == "/generate" and body["text"] == TEXTS["two"]:
            asked.set()
            until(ending.is_set)
        elif path == "/generate":
            until(asked.is_set)
            return 401, {"error": "no"}
        return None

    monkeypatch.setattr(crew.Crew, "__exit__", leaving)
    desk.speech.before = refuse_one
    with pytest.raises(KeyRefused):
        desk.run(TWO, tmp_path)
    assert at_work() == []
    assert sorted(path.name for path in (tmp_path / "clips").iterdir()) == ["two.json", "two.wav"]
    assert desk.fresh_calls() == {"/generate": 2}, "what was under way is not gone on with"
    desk.speech.before = lambda path, body: None
    desk.run(TWO, tmp_path)
    assert desk.fresh_calls() == {"/generate": 1, "/align": 2}


def test_a_call_that_does_not_come_back_does_not_hold_up_an_error(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "LAST_SECONDS", 0.0)
    asked, over = threading.Event(), threading.Event()

    def refuse_one(path: str, body: Body) -> tuple[int, Body] | None:
        if path == "/generate" and body["text"] == TEXTS["two"]:
            asked.set()
            until(over.is_set)
        elif path == "/generate":
            until(asked.is_set)
            return 401, {"error": "no"}
        return None

    desk.speech.before = refuse_one
    with pytest.raises(KeyRefused):
        desk.run(TWO, tmp_path)
    _ends_without_writing(over, tmp_path, [])


def test_after_ctrl_c_nobody_waits_and_nothing_is_written_any_more(
    desk: Desk, tmp_path: Path
) -> None:
    asked, over = threading.Event(), threading.Event()

    class Interrupting(Follower):
        def done(self, outcome: Outcome) -> None:
            raise KeyboardInterrupt

    def hold_two(path: str, body: Body) -> None:
        if path == "/generate" and body["text"] == TEXTS["two"]:
            asked.set()
            until(over.is_set)
        elif path == "/generate":
            until(asked.is_set)

    desk.speech.before = hold_two
    with pytest.raises(KeyboardInterrupt):
        desk.run(TWO, tmp_path, follower=Interrupting())
    _ends_without_writing(over, tmp_path, ["one.json", "one.wav"])


def _ends_without_writing(over: threading.Event, folder: Path, names: list[str]) -> None:
    """What is still under way comes back when its run has ended."""
    (late,) = at_work()
    over.set()
    late.join(20)
    assert not late.is_alive()
    assert sorted(path.name for path in (folder / "clips").iterdir()) == names


def test_a_door_is_shut_when_those_inside_are_out() -> None:
    door, happened = Door(), list[str]()

    def shut() -> None:
        door.shut()
        happened.append("shut")

    shutting = threading.Thread(target=shut)
    with door.inside():
        shutting.start()
        until(lambda: not _lets_in(door))
        happened.append("out")
    shutting.join(20)
    assert happened == ["out", "shut"]


def _lets_in(door: Any) -> bool:
    try:
        with door.inside():
            return True
    except Shut:
        return False
