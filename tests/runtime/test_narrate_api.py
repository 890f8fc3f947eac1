"""`/narrate`: one call gives audio, words, markers and subtitles, for one text or for many."""

from __future__ import annotations

import base64
import itertools
import json
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.patience import until
from tests.runtime.beside import Beside, errand_of
from tests.runtime.conftest import MakeApp, read_wav, started
from tests.runtime.pretend_aws import BUCKET, REGION, PretendAws
from voicehost import errand
from voicehost.app import create_app, host
from voicehost.engines.clock import ClockVoice, tone
from voicehost.engines.protocol import Speech, SpeechInput
from voicehost.engines.step_cost import CURVES
from voicehost.errors import CallerGone, DeadlinePassed, EngineFault, RequestError, VoiceError
from voicehost.narration.call import narrate_call
from voicehost.narration.side_by_side import side_by_side
from voicehost.neighbour import server as neighbour
from voicehost.queueing.batch import Batch
from voicehost.routes import narrate_models as models
from voicehost.routes.narrate_models import NarrateRequest
from voicehost.settings import VoiceHostSettings

ONE = "We {#a}ship code{c#} today {d#}."
LONG = "This one takes so long to say that the ears refuse all of it. " * 3
TAKE = {"finish_reason", "seed", "reused"}
FACTS = TAKE | {
    "format", "sample_rate", "duration", "text", "words", "markers", "vtt", "srt",
}  # fmt: skip
INTERNAL = {"X-Voice-Internal": "1"}

MakePair = Callable[..., Flask]


@pytest.fixture
def pair(clock_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakePair]:
    """Makes a text-to-speech server with a WhisperX server beside it; `ears` are its settings."""
    monkeypatch.setattr(neighbour, "RETRY_SECONDS", 0.05)
    monkeypatch.setattr(errand, "MOST_PAUSE_SECONDS", 0.1)
    beside: list[Beside] = []

    def make(ears: dict[str, Any] | None = None, **given: Any) -> Flask:
        beside.append(Beside(clock_app("whisperx", **(ears or {}))).start())
        return clock_app(**{"neighbour_url": beside[-1].url, **given})

    yield make
    for server in beside:
        server.stop()


def narrate(app: Flask, body: dict[str, Any], **headers: str) -> TestResponse:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.test_client().post("/narrate", json=body, headers=sent, buffered=True)


def quiet(app: Flask) -> bool:
    made = host(app)
    return made.activity.now().in_flight == 0 and len(made.schedulers["speak"].queue) == 0


def test_one_text_becomes_audio_words_markers_and_subtitles(pair: MakePair) -> None:
    app = pair()
    answer = narrate(app, {"text": ONE}).get_json()
    assert set(answer) == FACTS | {"audio", "success"}
    models.NarrateAnswer.model_validate(answer, strict=True)
    audio, rate = read_wav(answer["audio"])
    assert answer["duration"] == pytest.approx(len(audio) / rate, abs=0.001)
    assert (answer["success"], answer["sample_rate"], answer["format"]) == (True, 24000, "wav")
    assert answer["text"] == "We ship code today."
    words = answer["words"]
    assert [word["word"] for word in words] == answer["text"].split()
    assert answer["markers"] == [
        {"id": "a", "time": words[1]["start"], "edge": "start", "word": 1},
        {"id": "c", "time": words[2]["end"], "edge": "end", "word": 2},
        {"id": "d", "time": words[3]["end"], "edge": "end", "word": 3},
    ]
    for subtitles in (answer["vtt"], answer["srt"]):
        assert "We ship code today." in subtitles
    assert quiet(app)


def test_it_says_what_generate_says_of_the_same_text(pair: MakePair) -> None:
    app = pair()
    plain = app.test_client().post("/generate", json={"text": "We ship code today."}).get_json()
    assert narrate(app, {"text": ONE}).get_json()["audio"] == plain["audio"]


def test_several_texts_are_items_in_their_order(pair: MakePair) -> None:
    texts = ["One.", "{#m}Two and three.", "Speaker 1: Four. Amazing."]
    body = {"texts": texts, "format": "mp3", "voices": ["", "Ryan", None]}
    answer = narrate(pair(), body).get_json()
    assert (answer["count"], answer["failed"], answer["success"]) == (3, 0, True)
    assert [item["text"] for item in answer["items"]] == ["One.", "Two and three.", "Four"]
    assert [len(item["markers"]) for item in answer["items"]] == [0, 1, 0]
    for item in answer["items"]:
        assert set(item) == FACTS | {"audio"}
        assert item["format"] == "mp3"
        assert base64.b64decode(item["audio"])[:2] in (b"ID", b"\xff\xf3", b"\xff\xfb")


def test_a_text_that_fails_says_so_and_the_others_arrive(pair: MakePair) -> None:
    app = pair({"audio_seconds": 5})
    answer = narrate(app, {"texts": ["One.", LONG, "Three."]}).get_json()
    assert (answer["count"], answer["failed"], answer["success"]) == (3, 1, True)
    assert [item.get("text") for item in answer["items"]] == ["One.", None, "Three."]
    assert set(answer["items"][1]) == {"error", "status"}
    assert answer["items"][1]["status"] == 413
    models.NarrateBatchAnswer.model_validate(answer, strict=True)
    assert quiet(app)
    every = narrate(app, {"texts": [LONG]}).get_json()
    assert (every["count"], every["failed"], every["success"]) == (1, 1, True)
    alone = narrate(app, {"text": LONG})
    assert alone.status_code == 413
    assert alone.get_json()["error"] == answer["items"][1]["error"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "either text"),
        ({"text": "a", "texts": ["b"]}, "either text"),
        ({"texts": []}, "texts: is empty"),
        ({"texts": ["Fine.", "", "x"]}, "texts[1]: is empty"),
        ({"texts": ["Fine.", "{#a}"]}, "texts[1]: is empty"),
        ({"texts": ["Fine.", "a {#b c}"]}, "texts[1]: {#b c} is no marker"),
        ({"text": "a {#}"}, "text: {#} is no marker"),
        ({"text": "x" * 5001}, "text: has 5001 characters"),
        ({"text": "{#" + "y" * 60 + "}" + "x" * 4990}, "markers included"),
        ({"text": "a", "instructs": ["b"]}, "instructs: goes with texts"),
        ({"text": "a", "voices": ["b"]}, "voices: goes with texts"),
        ({"text": "a", "seeds": [1]}, "seeds: goes with texts"),
        ({"texts": ["a", "b"], "seeds": [1]}, "seeds: has 1 entries for 2 texts"),
        ({"text": "a", "voice": "nobody"}, "voice: "),
        ({"texts": ["a"], "voices": ["nobody"]}, "voices[0]: "),
        ({"text": "a", "language": "xx"}, "language: "),
        ({"text": "a", "verify": 1.5}, "verify: "),
        ({"text": "a", "verify": -0.1}, "verify: "),
        ({"text": "a", "attempts": 0}, "attempts: "),
        ({"text": "a", "attempts": 6}, "attempts: "),
        ({"text": "a", "format": "mp5"}, "format: "),
        ({"text": "a", "delivery": "s3"}, "VOICE_RESULTS_BUCKET"),
        ({"text": 5}, "text: "),
    ],
)
def test_what_the_caller_must_change_is_said_before_any_work(
    pair: MakePair, body: dict[str, Any], says: str
) -> None:
    app = pair()
    steps = host(app).schedulers["speak"].steps
    answer = narrate(app, body)
    assert answer.status_code in (400, 413)
    assert says in answer.get_json()["error"]
    assert host(app).schedulers["speak"].steps == steps
    assert quiet(app)


def test_more_work_than_one_caller_may_have_waiting_is_refused_at_once(pair: MakePair) -> None:
    answer = narrate(pair(key_items=3, queue_items=3), {"texts": ["a", "b", "c", "d"]})
    assert answer.status_code == 413
    assert "4 pieces of work" in answer.get_json()["error"]


def test_while_batches_are_refused_one_text_is_narrated(pair: MakePair) -> None:
    app = pair()
    body = {"allowed": False, "seconds": 60, "why": "The budget is nearly used up."}
    client = app.test_client()
    assert client.post("/internal/batches", json=body, headers=INTERNAL).status_code == 200
    assert narrate(app, {"texts": ["One.", "Two."]}).status_code == 429
    assert narrate(app, {"texts": ["One."]}).status_code == 200
    assert narrate(app, {"text": "One."}).status_code == 200


def test_the_best_take_is_given_when_none_is_good(pair: MakePair) -> None:
    answer = narrate(pair(), {"text": "Hello there, everybody.", "verify": 0.1}).get_json()
    found = answer["verification"]
    models.NarrateAnswer.model_validate(answer, strict=True)
    assert set(found) == set(models.Verification.model_fields)
    assert found["passed"] is False
    assert found["word_error_rate"] > 0.1
    assert found["heard"].startswith("The clock engine hears")
    assert len(found["reasons"]) == 1
    # The tone says it in one way alone: the second take is the last.
    assert found["attempts"] == 2


def test_nobody_listens_unless_asked_to(pair: MakePair) -> None:
    assert "verification" not in narrate(pair(), {"text": "Hello."}).get_json()
    answer = narrate(pair(), {"text": "Hello.", "verify": None}).get_json()
    assert "verification" not in answer


def test_a_single_attempt_is_judged_and_kept(pair: MakePair) -> None:
    answer = narrate(pair(), {"text": "Hello.", "verify": 0, "attempts": 1}).get_json()
    assert answer["verification"]["attempts"] == 1
    assert answer["verification"]["passed"] is False


class Dice(ClockVoice):
    """A voice that samples: each seed has a take of its own, none of which is understood. Takes
    have so many frames, one after the other."""

    samples = True
    frames: Iterator[int] = itertools.repeat(20)

    def run(self, batch: Batch) -> None:
        for work in batch.step():
            spoken: SpeechInput = work.payload
            batch.finish(work, Speech(tone(next(self.frames), 200 + spoken.seed % 997)))


@pytest.fixture
def dice(clock_app: MakeApp) -> Iterator[Callable[..., Flask]]:
    made: list[Flask] = []
    with Beside(clock_app("whisperx")) as beside:

        def start(**given: Any) -> Flask:
            settings = VoiceHostSettings(neighbour_url=beside.url, engine="clock", **given)
            made.append(started(create_app(Dice(CURVES["t4"], rows=4), settings)))
            return made[-1]

        yield start
    for app in made:
        host(app).close()


def test_each_attempt_has_a_seed_of_its_own_and_the_answer_that_of_its_take(
    dice: Callable[..., Flask],
) -> None:
    app = dice()
    body = {"text": "Hello there.", "verify": 0, "seed": 7}
    first = narrate(app, {**body, "attempts": 1}).get_json()
    assert (first["seed"], first["verification"]["attempts"]) == (7, 1)
    third = narrate(app, {**body, "attempts": 3}).get_json()
    assert third["verification"]["attempts"] == 3
    again = {"text": "Hello there.", "seed": third["seed"]}
    same = app.test_client().post("/generate", json=again).get_json()
    assert same["audio"] == third["audio"]
    # All takes are as bad as the first one, which is kept then.
    assert third["seed"] == 7


def test_the_take_with_the_fewest_faults_is_the_best(
    dice: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = dice()
    # 8 s are too long for such a text.
    monkeypatch.setattr(Dice, "frames", itertools.cycle([100, 20, 100]))
    answer = narrate(app, {"text": "Hello there.", "verify": 0, "seed": 7}).get_json()
    assert answer["duration"] == 1.6
    assert answer["seed"] != 7
    assert answer["verification"]["attempts"] == 3
    assert len(answer["verification"]["reasons"]) == 1


def test_what_was_asked_for_again_is_the_take_that_was_given(
    dice: Callable[..., Flask], tmp_path: Path
) -> None:
    app = dice(data=tmp_path, store_days=1)
    body = {"text": "Hello there.", "verify": 0, "attempts": 2}
    given = narrate(app, body).get_json()
    again = app.test_client().post("/generate", json={"text": "Hello there."}).get_json()
    assert again["reused"] is True
    assert again["audio"] == given["audio"]


@pytest.mark.parametrize("body", [{"text": "One."}, {"texts": ["One.", "Two."]}])
def test_without_the_neighbour_it_is_a_503_at_the_deadline(
    pair: MakePair, body: dict[str, Any]
) -> None:
    app = pair(neighbour_url=Beside().url)
    answer = narrate(app, body, X_Deadline_Seconds="0.5")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    assert "WhisperX server beside this one" in answer.get_json()["error"]
    assert quiet(app)


def test_a_slow_answer_shows_signs_of_life_and_a_late_failure_its_status(pair: MakePair) -> None:
    app = pair({"audio_seconds": 5}, clock_speed=5.0, heartbeat_seconds=0.1)
    good = narrate(app, {"text": "A text of some length."})
    assert (good.status_code, good.get_data(as_text=True)[0]) == (200, " ")
    assert json.loads(good.get_data(as_text=True))["success"] is True
    late = json.loads(narrate(app, {"text": LONG}).get_data(as_text=True))
    assert (late["success"], late["status"]) == (False, 413)
    assert quiet(app)


def test_texts_of_one_call_are_spoken_together(pair: MakePair) -> None:
    app = pair(clock_speed=20.0, batch_rows=8)
    speaking = host(app).schedulers["speak"]

    def rows() -> int:
        running = speaking._running
        return len(running.rows) if running else 0

    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(narrate, app, {"texts": ["A text of some length."] * 8})
        until(lambda: rows() >= 6)
        assert call.result(20).get_json()["failed"] == 0


def test_clips_are_stored_and_all_else_is_in_the_answer(aws: PretendAws, pair: MakePair) -> None:
    location = {"LocationConstraint": REGION}
    aws.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
    app = pair({"audio_seconds": 5}, results_bucket=BUCKET, aws_region=REGION)
    body = {"texts": ["One.", LONG, "Three."], "delivery": "s3", "format": "flac"}
    answer = narrate(app, body).get_json()
    assert (answer["count"], answer["failed"]) == (3, 1)
    for item, inline in zip(
        answer["items"],
        narrate(app, {**body, "delivery": "inline"}).get_json()["items"],
        strict=True,
    ):
        if "error" in item:
            assert item == inline
            continue
        assert set(item) == FACTS | {"result"}
        with urllib.request.urlopen(item["result"]["url"], timeout=10) as stored:
            assert stored.headers["Content-Type"] == "audio/flac"
            assert base64.b64encode(stored.read()).decode() == inline["audio"]
    one = narrate(app, {"text": "One.", "delivery": "s3"}).get_json()
    assert one["result"]["id"].endswith("/0.wav")


def test_as_single_items_it_gives_what_the_call_gives(pair: MakePair) -> None:
    app = pair({"audio_seconds": 5})
    call = narrate_call(host(app))
    body = {"texts": ["One {#a}two.", LONG], "seed": 5, "verify": 0.5, "format": "flac"}
    items = json.loads(json.dumps(call.split(NarrateRequest.model_validate(body))))
    direct = narrate(app, body).get_json()["items"]
    assert call.perform(errand_of(), items[0]) == direct[0]
    with pytest.raises(VoiceError) as caught:
        call.perform(errand_of(), items[1])
    assert (caught.value.message, caught.value.status) == (
        direct[1]["error"], direct[1]["status"],
    )  # fmt: skip
    with pytest.raises(RequestError, match="texts\\[1\\]"):
        call.split(NarrateRequest.model_validate({"texts": ["a", "{#b}"]}))


def test_work_that_nobody_waits_for_is_dropped_at_both_ends(pair: MakePair) -> None:
    app = pair(clock_speed=0.5)
    call = narrate_call(host(app))
    body = NarrateRequest.model_validate({"text": "A text of some length that takes a while."})
    gone = errand_of()
    with ThreadPoolExecutor(1) as threads:
        performing = threads.submit(call.perform, gone, call.split(body)[0])
        speaking = host(app).schedulers["speak"]
        until(lambda: speaking._running is not None)
        gone.cancel()
        with pytest.raises(CallerGone):
            performing.result(20)
        until(lambda: speaking._running is None)


def test_side_by_side_results_keep_their_order_and_faults_their_place() -> None:
    barrier = threading.Barrier(3)

    def work(number: int) -> int:
        barrier.wait(20)
        if number == 1:
            raise DeadlinePassed("late")
        if number == 2:
            raise ZeroDivisionError
        return number

    one, late, fault = side_by_side(errand_of(), [0, 1, 2], work, 3)
    assert one == 0
    assert isinstance(late, DeadlinePassed)
    assert isinstance(fault, EngineFault)
    assert side_by_side(errand_of(), [], work, 3) == []


def test_side_by_side_no_more_are_under_way_than_asked_for() -> None:
    here, most, lock = 0, 0, threading.Lock()
    two = threading.Event()

    def work(number: int) -> None:
        nonlocal here, most
        with lock:
            here += 1
            most = max(most, here)
            if here == 2:
                two.set()
        assert two.wait(20)
        with lock:
            here -= 1

    side_by_side(errand_of(), range(9), work, 2)
    assert most == 2


@pytest.mark.parametrize("most", [0, 1])
def test_side_by_side_without_a_further_thread_everything_is_done_all_the_same(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    start, begun = threading.Thread.start, 0

    def scarce(thread: threading.Thread) -> None:
        nonlocal begun
        if begun == most:
            raise RuntimeError("can't start new thread")
        begun += 1
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", scarce)
    twice = side_by_side(errand_of(), range(9), lambda number: 2 * number, 4)
    assert twice == [2 * number for number in range(9)]


def test_side_by_side_who_hangs_up_ends_all_of_it() -> None:
    def work(number: int) -> int:
        if number == 1:
            raise CallerGone("gone")
        return number

    with pytest.raises(CallerGone):
        side_by_side(errand_of(), range(3), work, 2)


def test_side_by_side_works_while_the_process_ends() -> None:
    """When no ThreadPoolExecutor takes anything any more."""
    code = (
        "import atexit\n"
        "from tests.runtime.beside import errand_of\n"
        "from voicehost.narration.side_by_side import side_by_side\n"
        "atexit.register(\n"
        "    lambda: print(side_by_side(errand_of(), [1, 2, 3], lambda number: 2 * number, 3))\n"
        ")\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.stdout.strip() == "[2, 4, 6]"
    assert ran.stderr == ""
