"""A request chooses who speaks, for all its texts or for each; without a choice nothing changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.runtime.conftest import MakeApp, read_wav
from voicehost.app import create_app, host
from voicehost.engines.clock import frames_for
from voicehost.engines.families import speech_engine
from voicehost.settings import VoiceHostSettings

TEXT = "A sentence that takes two seconds."
OWN = "tone"
PUBLISHED = [
    "aiden", "dylan", "eric", "ono_anna", "ryan", "serena", "sohee", "uncle_fu", "vivian",
]  # fmt: skip


@pytest.fixture
def clock(clock_app: MakeApp) -> FlaskClient:
    """A server whose voices are tones, each a semitone above the one before it."""
    return clock_app().test_client()


def who(audio: str) -> str:
    """The voice that a clip of the clock engine has, by its loudest frequency."""
    samples, rate = read_wav(audio)
    hertz = np.abs(np.fft.rfft(samples)).argmax() * rate / len(samples)
    return [OWN, *PUBLISHED][round(12 * float(np.log2(hertz / 220)))]


def one(client: FlaskClient, **more: Any) -> Any:
    return client.post("/generate", json={"text": TEXT, **more}).get_json()


def batch(client: FlaskClient, count: int, **more: Any) -> Any:
    return client.post("/generate_batch", json={"texts": [TEXT] * count, **more}).get_json()


def speakers(answer: Any) -> list[str]:
    return [who(audio) for audio in answer["audios"]]


def test_each_voice_can_be_chosen_and_differs_from_all_others(clock: FlaskClient) -> None:
    assert [who(one(clock, voice=name)["audio"]) for name in PUBLISHED] == PUBLISHED


@pytest.mark.parametrize("more", [{}, {"voice": None}, {"voice": ""}, {"voice": "  "}])
def test_without_a_choice_the_server_s_own_speaker_speaks(
    clock: FlaskClient, more: dict[str, object]
) -> None:
    assert who(one(clock, **more)["audio"]) == OWN
    assert speakers(batch(clock, 2, **more)) == [OWN, OWN]


@pytest.mark.parametrize("name", ["ryan", "Ryan", "RYAN", " ryan\n"])
def test_a_name_is_known_in_any_case(clock: FlaskClient, name: str) -> None:
    assert who(one(clock, voice=name)["audio"]) == "ryan"
    assert speakers(batch(clock, 2, voices=["", name])) == [OWN, "ryan"]


def test_one_voice_speaks_all_texts_of_a_batch(clock: FlaskClient) -> None:
    assert speakers(batch(clock, 3, voice="serena")) == ["serena"] * 3


@pytest.mark.parametrize("more", [{}, {"batch": False}, {"voice": "eric"}, {"voice": "nobody"}])
def test_each_text_of_a_batch_has_its_own_voice_which_wins(
    clock: FlaskClient, more: dict[str, object]
) -> None:
    answer = batch(clock, 5, voices=["ryan", "", "vivian", None, "aiden"], **more)
    assert speakers(answer) == ["ryan", OWN, "vivian", OWN, "aiden"]


def test_all_pieces_of_a_long_text_have_its_voice(clock: FlaskClient) -> None:
    texts = [f"{TEXT} " * 30, TEXT]
    answer = clock.post("/generate_batch", json={"texts": texts, "voices": ["sohee", None]})
    whole, short = answer.get_json()["audios"]
    samples, rate = read_wav(whole)
    seconds = len(samples) / rate
    assert seconds > 20
    for part in np.array_split(samples, int(seconds)):
        hertz = np.abs(np.fft.rfft(part)).argmax() * rate / len(part)
        assert abs(hertz - 220 * 2 ** (7 / 12)) < 3
    assert who(short) == OWN


def test_texts_with_other_voices_are_spoken_together(clock_app: MakeApp) -> None:
    app = clock_app(batch_rows=8)
    steps: list[float] = []
    engine: Any = host(app).schedulers["speak"].engine
    engine._sleep = steps.append
    batch(app.test_client(), 4, voices=["ryan", "aiden", None, "eric"])
    assert steps == [engine._cost.seconds(4) / engine._speed] * frames_for(TEXT)


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("/generate", {"text": TEXT, "voice": "nobody"}, "voice: this server speaks as tone, aid"),
        ("/generate", {"text": TEXT, "voice": "ryan, eric"}, "voice: this server speaks as"),
        ("/generate", {"text": TEXT, "voice": 5}, "voice: Input should be a valid string"),
        ("/generate_batch", {"texts": [TEXT], "voice": "x"}, "voice: this server speaks as"),
        ("/generate_batch", {"texts": [TEXT] * 2, "voices": ["ryan", "x"]}, "voices[1]: this ser"),
        ("/generate_batch", {"texts": [TEXT], "voices": []}, "voices: has 0 entries for 1 texts"),
        ("/generate_batch", {"texts": [TEXT], "voices": ["ryan"] * 2}, "2 entries for 1 texts"),
        ("/generate_batch", {"texts": [TEXT], "voices": "ryan"}, "voices: Input should be a valid"),
        ("/generate_batch", {"texts": [TEXT], "voices": [7]}, "voices[0]"),
    ],
)
def test_a_voice_that_cannot_be_is_refused_before_anything_is_queued(
    clock_app: MakeApp, path: str, body: dict[str, object], says: str
) -> None:
    app = clock_app()
    ran: list[float] = []
    engine: Any = host(app).schedulers["speak"].engine
    engine._sleep = ran.append
    answer = app.test_client().post(path, json=body)
    assert (answer.status_code, answer.get_json()["success"]) == (400, False)
    assert says in answer.get_json()["error"]
    assert ran == []


def test_the_refusal_lists_all_voices(clock: FlaskClient) -> None:
    error = one(clock, voice="nobody")["error"]
    assert "nobody" not in error
    assert all(name in error for name in [OWN, *PUBLISHED])


def test_the_voice_of_the_cpu_family_is_the_one_in_its_package(voice: FlaskClient) -> None:
    assert voice.get("/health").get_json()["voices"] == ["heart"]
    plain = one(voice)["audio"]
    assert one(voice, voice="Heart")["audio"] == plain
    # It knows others by name, and would fetch them from elsewhere.
    assert one(voice, voice="emma")["error"] == "voice: this server speaks as heart only."


@pytest.mark.parametrize("engine", ["clock", "cpu"])
def test_health_names_the_voices_before_the_model_is_loaded(engine: str) -> None:
    settings = VoiceHostSettings(engine=engine)
    app: Flask = create_app(speech_engine(settings), settings)
    told = app.test_client().get("/health").get_json()
    assert (told["model_loaded"], told["voices"][0]) == (False, told["speaker"])
    host(app).close()


def test_a_clock_takes_the_names_of_the_published_voices(clock: FlaskClient) -> None:
    assert clock.get("/health").get_json()["voices"] == [OWN, *PUBLISHED]


def test_the_server_that_hears_has_no_voices(clock_app: MakeApp) -> None:
    assert "voices" not in clock_app("whisperx").test_client().get("/health").get_json()
