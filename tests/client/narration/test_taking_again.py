"""What is no good is spoken again with another seed, and the best take is kept."""

from __future__ import annotations

import base64
import io
import wave
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from examples.narration.options import NARRATION
from gpuvoice.narration import Narration, read_narration
from tests.client.narration.desk import Body, Desk, narration_of

# The normalizer's source holds "\X", of which Python warns when it compiles it.
pytestmark = pytest.mark.filterwarnings("ignore:invalid escape sequence")

SPOILED = ("s02", "s04")


@pytest.fixture(scope="module")
def five() -> Narration:
    whole = read_narration(NARRATION)
    return Narration(whole.title, whole.segments[:5])


def test_two_clips_that_say_something_else_are_caught_and_taken_again(
    true_desk: Desk, five: Narration, tmp_path: Path
) -> None:
    wrong = {segment.text for segment in five.segments if segment.id in SPOILED}

    def spoil_first_takes(path: str, body: Body) -> None:
        if path == "/generate" and body["text"] in wrong and "seed" not in body:
            body["text"] = "Something else is said here, and nobody asked for it."

    true_desk.speech.before = spoil_first_takes
    report = true_desk.run(five, tmp_path, verify=0.1)
    assert report.faulty == []
    taken = {o.segment.id: o.take.attempts for o in report.outcomes if o.take}
    assert taken == {"s01": 1, "s02": 2, "s03": 1, "s04": 2, "s05": 1}
    assert report.takes == 7
    assert report.error_rate is not None
    assert report.error_rate < 0.1


def test_every_take_has_another_seed_and_a_further_run_makes_none(
    desk: Desk, tmp_path: Path
) -> None:
    # The clock's ears never hear the text, and here its voice seems to sample.
    desk.speech.after = _another_sound_each_time()
    narration = narration_of({"one": "Not what the clock hears."})
    report = desk.run(narration, tmp_path, verify=0.1, tries=4, seed=5)
    seeds = [body["seed"] for path, body in desk.speech.calls if path == "/generate"]
    assert seeds[0] == 5
    assert len(set(seeds)) == 4
    (faulty,) = report.faulty
    assert faulty.take is not None
    assert faulty.take.attempts == 4
    assert "above 10.0%" in faulty.faults[0]
    desk.fresh_calls()
    assert len(desk.run(narration, tmp_path, verify=0.1, tries=4, seed=5).faulty) == 1
    assert desk.fresh_calls() == {}
    desk.run(narration, tmp_path, verify=0.1, tries=5, seed=5)
    assert desk.fresh_calls() == {"/generate": 1, "/transcribe": 1}


def test_a_voice_that_does_not_sample_is_asked_twice_only(desk: Desk, tmp_path: Path) -> None:
    narration = narration_of({"one": "Not what the clock hears."})
    for calls in ({"/generate": 2, "/transcribe": 1, "/align": 1}, {}):
        assert len(desk.run(narration, tmp_path, verify=0.1, tries=9).faulty) == 1
        assert desk.fresh_calls() == calls


def test_a_tighter_limit_takes_again_what_is_above_it(desk: Desk, tmp_path: Path) -> None:
    heard = iter(["trout like cold rain", "trout like cold water"])
    desk.speech.after = _another_sound_each_time()
    desk.ears.after = lambda path, asked, answered: (
        {**answered, "text": next(heard)} if path == "/transcribe" else answered
    )
    narration = narration_of({"one": "Trout like cold water."})
    assert desk.run(narration, tmp_path, verify=0.3).faulty == []
    desk.fresh_calls()
    assert desk.run(narration, tmp_path, verify=0.2).faulty == []
    assert desk.fresh_calls() == {"/generate": 1, "/transcribe": 1, "/align": 1}
    assert desk.run(narration, tmp_path, verify=0.2).faulty == []
    assert desk.fresh_calls() == {}, "clip and facts are of the same take"


def test_the_better_one_of_two_bad_takes_is_kept(desk: Desk, tmp_path: Path) -> None:
    heard = iter(["trout like cold rain", "nothing of it", "trout hate cold rain"])
    desk.speech.after = _another_sound_each_time()
    desk.ears.after = lambda path, asked, answered: (
        {**answered, "text": next(heard)} if path == "/transcribe" else answered
    )
    narration = narration_of({"one": "Trout like cold water."})
    (outcome,) = desk.run(narration, tmp_path, verify=0.1, tries=3).outcomes
    assert outcome.take is not None
    assert outcome.take.heard is not None
    assert (outcome.take.heard.text, outcome.take.attempts) == ("trout like cold rain", 3)
    asked = [body["audio"] for path, body in desk.ears.calls if path == "/transcribe"]
    kept = base64.b64encode((tmp_path / "clips/one.wav").read_bytes()).decode()
    assert asked[0] == kept
    (aligned,) = [body["audio"] for path, body in desk.ears.calls if path == "/align"]
    assert aligned == kept


@pytest.mark.parametrize("fails", ["/generate", "/transcribe"])
def test_when_another_take_fails_the_first_is_kept_and_the_next_run_tries_again(
    desk: Desk, tmp_path: Path, fails: str
) -> None:
    asked: Counter[str] = Counter()

    def fail_second(path: str, body: Body) -> tuple[int, Body] | None:
        asked[path] += 1
        second = path == fails and asked[path] == 2
        return (500, {"success": False, "error": "out of memory"}) if second else None

    desk.speech.after = _another_sound_each_time()
    desk.speech.before = desk.ears.before = fail_second
    narration = narration_of({"one": "Not what the clock hears."})
    report = desk.run(narration, tmp_path, verify=0.1, tries=2)
    (faulty,) = report.faulty
    assert faulty.take is not None
    assert faulty.take.attempts == 1
    assert "word error rate" in faulty.faults[0]
    assert "no other take: " in faulty.faults[1]
    assert "out of memory" in faulty.faults[1]
    assert (tmp_path / "narration.srt").exists()
    desk.fresh_calls()
    (outcome,) = desk.run(narration, tmp_path, verify=0.1, tries=2).outcomes
    assert outcome.take is not None
    assert outcome.take.attempts == 2
    assert desk.fresh_calls()["/generate"] == 1


def _cut_off(answered: Body) -> Body:
    return {**answered, "audio": _wav(b"\x00\x10" * 24_000), "finish_reason": "length"}


def _silent(answered: Body) -> Body:
    return {**answered, "audio": _wav(bytes(48_000))}


@pytest.mark.parametrize("spoil", [_cut_off, _silent])
def test_a_clip_without_end_or_sound_is_taken_again(desk: Desk, tmp_path: Path, spoil: Any) -> None:
    def first_takes(path: str, asked: Body, answered: Body) -> Body:
        return spoil(answered) if path == "/generate" and "seed" not in asked else answered

    desk.speech.after = first_takes
    (outcome,) = desk.run(narration_of({"one": "A text."}), tmp_path).outcomes
    assert outcome.faults == ()
    assert outcome.takes == 2


def test_one_that_stays_silent_is_told(desk: Desk, tmp_path: Path) -> None:
    desk.speech.after = lambda path, asked, answered: (
        _silent(answered) if path == "/generate" else answered
    )
    (outcome,) = desk.run(narration_of({"one": "A text."}), tmp_path, align=False).outcomes
    assert outcome.faults == ("silent",)


def _another_sound_each_time() -> Any:
    count = iter(range(1, 1000))

    def after(path: str, asked: Body, answered: Body) -> Body:
        if path != "/generate":
            return answered
        return {**answered, "audio": _wav(b"\x00\x10" * (24_000 + next(count)))}

    return after


def _wav(pcm: bytes) -> str:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(24_000)
        writer.writeframes(pcm)
    return base64.b64encode(file.getvalue()).decode()
