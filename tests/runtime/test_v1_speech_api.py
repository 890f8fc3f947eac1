"""`/v1/audio/speech`: the clip that `/generate` would give, as a file, while it is spoken."""

from __future__ import annotations

import base64
import gc
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.patience import until
from tests.runtime.conftest import MakeApp, started
from tests.runtime.players import Pcm, decoded
from voicehost.app import create_app, host
from voicehost.audio.formats import CONTENT_TYPES, AudioFormat
from voicehost.engines.clock import ClockVoice, frames_for
from voicehost.engines.protocol import LoadError
from voicehost.engines.step_cost import CURVES
from voicehost.errors import RequestError
from voicehost.settings import VoiceHostSettings
from voicehost.text.pieces import cut

SENTENCE = "The ferry leaves at nine, and nobody knows when it comes back."
LONG = " ".join([SENTENCE] * 12)
# Of pieces that end with a sentence, and of others that end with a clause.
MIXED = f"{SENTENCE} Nobody asks, {'and so it goes on and on, ' * 25}until it ends."


def say(client: FlaskClient, path: str = "/v1/audio/speech", **more: Any) -> TestResponse:
    body = {"model": "tts-1", "voice": "alloy", "input": SENTENCE, **more}
    return client.post(path, json=body, buffered=True)


def generated(client: FlaskClient, text: str) -> Pcm:
    sent = {"text": text, "format": "pcm"}
    answer = client.post("/generate", json=sent, buffered=True).get_json()
    return np.frombuffer(base64.b64decode(answer["audio"]), "<i2")


@pytest.mark.parametrize("text", [SENTENCE, LONG, MIXED])
def test_it_is_sample_for_sample_what_generate_gives(voice: FlaskClient, text: str) -> None:
    answer = say(voice, input=text, response_format="pcm")
    assert answer.status_code == 200
    assert np.array_equal(np.frombuffer(answer.data, "<i2"), generated(voice, text))


@pytest.mark.parametrize("to", ["wav", "flac", "mp3", "opus", "aac"])
@pytest.mark.parametrize("text", [SENTENCE, LONG])
def test_a_file_of_each_format_lasts_as_long_as_the_clip(
    voice: FlaskClient, to: AudioFormat, text: str
) -> None:
    answer = say(voice, input=text, response_format=to)
    assert answer.headers["Content-Type"] == CONTENT_TYPES[to]
    heard, rate = decoded(answer.data)
    seconds = len(generated(voice, text)) / 24000
    assert len(heard) / rate == pytest.approx(seconds, abs=0.05)


def test_it_is_mp3_unless_another_format_is_asked_for(voice: FlaskClient) -> None:
    assert say(voice).headers["Content-Type"] == "audio/mpeg"
    assert say(voice, response_format=None).headers["Content-Type"] == "audio/mpeg"


@pytest.mark.parametrize("text", [SENTENCE, LONG])
@pytest.mark.parametrize("speed", [0.5, 2])
def test_speed_changes_how_long_it_lasts(voice: FlaskClient, text: str, speed: float) -> None:
    answer = say(voice, input=text, response_format="pcm", speed=speed)
    assert len(answer.data) / 2 == pytest.approx(len(generated(voice, text)) / speed, abs=1)


def test_a_short_text_and_an_exact_file_come_whole(voice: FlaskClient) -> None:
    for whole in (say(voice), say(voice, input=LONG, response_format="flac")):
        assert int(whole.headers["Content-Length"]) == len(whole.data)
        assert whole.headers["X-Finish-Reason"] == "stop"
    assert "Content-Length" not in say(voice, input=LONG).headers


def test_it_says_which_seed_gives_the_take_again(clock_app: MakeApp) -> None:
    client = clock_app().test_client()
    for text in (SENTENCE, LONG):
        assert say(client, input=text, seed=2**32 - 1).headers["X-Voice-Seed"] == str(2**32 - 1)
    assert say(client).headers["X-Queue-Position"] == "0"


def test_decorations_are_not_spoken(voice: FlaskClient) -> None:
    decorated = say(voice, input=f"Speaker 1: {SENTENCE} Amazing.", response_format="pcm")
    plain = say(voice, input=SENTENCE.rstrip("."), response_format="pcm")
    assert decorated.data == plain.data


def pitch(answer: TestResponse) -> int:
    """The clock's tone, in Hz, which tells its voices apart."""
    pcm = np.frombuffer(answer.data, "<i2").astype(np.float64)
    return int(np.argmax(np.abs(np.fft.rfft(pcm, 24000))))


def test_voices_are_known_by_their_own_and_by_openais_names(clock_app: MakeApp) -> None:
    app = clock_app(openai_voices=("alloy=Aiden", "Nova = vivian", "narrator=ryan"))
    client = app.test_client()

    def heard(voice: object) -> int:
        return pitch(say(client, voice=voice, response_format="pcm"))

    own, aiden, vivian, ryan = (heard(name) for name in ("tone", "AIDEN", "Vivian", "ryan"))
    assert len({own, aiden, vivian, ryan}) == 4
    assert heard({"id": "Aiden"}) == heard("alloy") == heard("Alloy") == aiden
    assert heard("nova") == vivian
    assert heard("narrator") == ryan
    assert heard("shimmer") == heard("") == heard(None) == own


@pytest.mark.parametrize("given", ["alloy=Nobody", "alloy", "=Aiden", "alloy="])
def test_a_server_does_not_start_with_a_voice_that_it_has_not(given: str) -> None:
    settings = VoiceHostSettings(engine="clock", openai_voices=(given,))
    voice = ClockVoice(CURVES["t4"], rows=1)
    with pytest.raises(LoadError, match="VOICE_OPENAI_VOICES"):
        create_app(voice, settings)


@pytest.mark.parametrize(
    ("more", "status", "says"),
    [
        ({"model": "tts-9"}, 404, "model: there is no 'tts-9' here"),
        ({"model": None}, 400, "model"),
        ({"voice": "bob"}, 400, "voice: this server speaks as heart"),
        ({"voice": {"name": "heart"}}, 400, "voice"),
        ({"input": ""}, 400, "input: is empty after cleaning"),
        ({"input": "x" * 5001}, 413, "input: has 5001 characters and 5000 fit"),
        ({"input": None}, 400, "input"),
        ({"instructions": "x" * 1001}, 413, "instructions: has more than 1000"),
        ({"instructions": "<|x|>"}, 400, "instructions: holds a control token"),
        ({"speed": 0.2}, 400, "speed: Input should be greater than or equal to 0.25"),
        ({"speed": 4.1}, 400, "speed: Input should be less than or equal to 4"),
        ({"speed": "fast"}, 400, "speed"),
        ({"response_format": "ogg"}, 400, "response_format: Input should be 'wav'"),
        ({"stream_format": "ws"}, 400, "stream_format: Input should be 'audio' or 'sse'"),
        ({"language": "xx"}, 400, "language: this server's model knows en only"),
        ({"input": "你好"}, 400, "found nothing to say"),
    ],
)
def test_bad_input_gets_a_clear_error(
    voice: FlaskClient, more: dict[str, Any], status: int, says: str
) -> None:
    answer = say(voice, **more)
    assert answer.status_code == status
    assert answer.content_type == "application/json"
    assert says in answer.get_data(as_text=True)


def test_texts_of_four_thousand_characters_and_unknown_fields_are_taken(
    clock_app: MakeApp,
) -> None:
    answer = say(clock_app().test_client(), input="So. " * 1024, response_format="pcm", n=3)
    assert answer.status_code == 200


def events(answer: TestResponse) -> list[dict[str, Any]]:
    lines = answer.get_data(as_text=True).split("\n\n")
    assert lines.pop() == ""
    assert all(line.startswith("data: ") for line in lines)
    return [json.loads(line.removeprefix("data: ")) for line in lines]


@pytest.mark.parametrize("text", [SENTENCE, LONG])
@pytest.mark.parametrize("speed", [1, 2])
def test_server_sent_events_hold_the_same_bytes_and_end_with_the_usage(
    voice: FlaskClient, text: str, speed: float
) -> None:
    plain = say(voice, input=text, speed=speed)
    answer = say(voice, input=text, speed=speed, stream_format="sse")
    assert answer.mimetype == "text/event-stream"
    *deltas, done = events(answer)
    assert {event["type"] for event in deltas} == {"speech.audio.delta"}
    assert b"".join(base64.b64decode(event["audio"]) for event in deltas) == plain.data
    assert (len(deltas) > 1) is (text == LONG)
    assert done["type"] == "speech.audio.done"
    frames = len(generated(voice, text)) / speed / 24000 * 12.5
    assert done["usage"]["input_tokens"] == len(text)
    assert done["usage"]["output_tokens"] == pytest.approx(frames, abs=1)
    assert done["usage"]["total_tokens"] == sum(
        done["usage"][name] for name in ("input_tokens", "output_tokens")
    )


PIECES = cut(LONG, VoiceHostSettings().piece_characters)
FIRST_STEPS = frames_for(PIECES[0].text)


@dataclass
class Held:
    """A server whose voice takes a step for each permit."""

    app: Flask
    permits: threading.Semaphore

    def let(self, steps: int) -> None:
        self.permits.release(steps)

    @property
    def in_flight(self) -> int:
        return host(self.app).activity.now().in_flight


@pytest.fixture
def held() -> Iterator[Held]:
    permits = threading.Semaphore(0)
    settings = VoiceHostSettings(engine="clock")

    def step(seconds: float) -> None:
        permits.acquire()

    engine = ClockVoice(CURVES["t4"], rows=1, sleep=step)
    app = create_app(engine, settings)
    permits.release(frames_for(engine.sample().text))  # which makes the server ready
    yield Held(started(app), permits)
    permits.release(100_000)
    host(app).close()


def begun(held: Held, **more: Any) -> TestResponse:
    """An answer of which the first part is there, and nothing but the first piece spoken."""
    body = {"model": "tts-1", "voice": "alloy", "input": LONG, **more}
    held.let(FIRST_STEPS)
    return held.app.test_client().post("/v1/audio/speech", json=body)


@pytest.mark.parametrize("to", ["mp3", "opus", "aac", "pcm"])
def test_the_first_piece_is_sent_before_the_second_is_spoken(held: Held, to: str) -> None:
    assert len(PIECES) > 2
    answer = begun(held, response_format=to)
    assert answer.status_code == 200
    parts = answer.iter_encoded()
    assert len(next(parts)) > 1000
    assert len(host(held.app).schedulers["speak"].queue) == len(PIECES) - 2
    held.let(100_000)
    assert len(b"".join(parts)) > 1000
    answer.close()
    assert held.in_flight == 0


def test_a_call_says_how_many_pieces_waited_before_it(held: Held) -> None:
    answer = begun(held, response_format="pcm")
    parts = answer.iter_encoded()
    next(parts)
    with ThreadPoolExecutor(1) as threads:
        second = threads.submit(say, held.app.test_client(), response_format="pcm")
        try:
            until(lambda: len(host(held.app).schedulers["speak"].queue) == len(PIECES) - 1)
        finally:
            held.let(100_000)
        list(parts)
        answer.close()
        assert second.result().headers["X-Queue-Position"] == str(len(PIECES) - 2)


def test_who_leaves_in_the_middle_has_nothing_more_spoken(held: Held) -> None:
    answer = begun(held, response_format="pcm")
    next(answer.iter_encoded())
    assert held.in_flight == 1
    answer.close()
    assert held.in_flight == 0
    assert len(host(held.app).schedulers["speak"].queue) == 0
    steps = host(held.app).schedulers["speak"].steps
    held.let(1)
    until(lambda: not host(held.app).schedulers["speak"].progress.snapshot().busy)
    assert host(held.app).schedulers["speak"].steps <= steps + 2


def test_a_deadline_in_the_middle_breaks_off(held: Held) -> None:
    held.let(FIRST_STEPS)
    body = {"model": "tts-1", "voice": "alloy", "input": LONG, "response_format": "pcm"}
    answer = held.app.test_client().post(
        "/v1/audio/speech", json=body, headers={"X-Deadline-Seconds": "4"}
    )
    parts = answer.iter_encoded()
    assert next(parts)
    with pytest.raises(Exception, match="deadline"):
        list(parts)
    answer.close()
    assert held.in_flight == 0


def test_a_failure_after_the_first_piece_breaks_off_and_before_it_is_an_error(
    voice: FlaskClient,
) -> None:
    gc.collect()  # answers of before that nobody closed
    before = host(voice.application).activity.now().in_flight
    first = PIECES[0].text
    text = f"{first} {'你好。' * 60}"
    answer = voice.post(
        "/v1/audio/speech",
        json={"model": "tts-1", "voice": "alloy", "input": text, "response_format": "pcm"},
    )
    assert answer.status_code == 200
    with pytest.raises(RequestError, match="nothing to say"):
        list(answer.iter_encoded())
    answer.close()
    whole = say(voice, input=text, response_format="wav")
    assert whole.status_code == 400
    whole.close()
    assert host(voice.application).activity.now().in_flight == before
