"""`/generate` and `/generate_batch` give the format that the caller asks for."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.runtime.conftest import MakeApp
from tests.runtime.players import Pcm, decoded
from voicehost.audio.formats import AudioFormat

SENTENCE = "The ferry leaves at nine."
AXIOS = "application/json, text/plain, */*"
FORMATS = ("wav", "flac", "mp3", "opus", "aac")


def generate(client: FlaskClient, accept: str | None = None, **more: Any) -> TestResponse:
    headers = {} if accept is None else {"Accept": accept}
    body = {"text": SENTENCE, **more}
    return client.post("/generate", json=body, headers=headers, buffered=True)


def pcm(client: FlaskClient) -> Pcm:
    audio = generate(client, format="pcm").get_json()["audio"]
    return np.frombuffer(base64.b64decode(audio), "<i2")


def lasts(client: FlaskClient, file: bytes) -> None:
    heard, rate = decoded(file)
    assert len(heard) / rate == pytest.approx(len(pcm(client)) / 24000, abs=0.05)


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("audio/wav", "audio/wav"),
        ("audio/x-wav", "audio/wav"),
        ("audio/wave", "audio/wav"),
        ("audio/vnd.wave", "audio/wav"),
        ("audio/flac", "audio/flac"),
        ("audio/mpeg", "audio/mpeg"),
        ("audio/mp3", "audio/mpeg"),
        ("audio/x-mpeg", "audio/mpeg"),
        ("audio/midi, audio/ogg", "audio/ogg"),
        ("audio/*", "audio/wav"),
        ("audio/ogg", "audio/ogg"),
        ("audio/opus", "audio/ogg"),
        ("audio/aac", "audio/aac"),
        ("audio/flac, audio/wav;q=0.5", "audio/flac"),
        ("audio/flac;q=0.3, audio/mpeg;q=0.9", "audio/mpeg"),
        ("application/json;q=0.5, audio/ogg", "audio/ogg"),
        ("audio/flac, */*;q=0.1", "audio/flac"),
        ("AUDIO/FLAC", "audio/flac"),
    ],
)
def test_accept_asks_for_the_audio_itself(
    voice: FlaskClient, accept: str, content_type: str
) -> None:
    answer = generate(voice, accept)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["X-Voice-Seed"] == "0"
    assert answer.headers["X-Finish-Reason"] == "stop"
    assert answer.headers["X-Voice-Reused"] == "false"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    lasts(voice, answer.data)


def test_bare_samples_can_be_accepted(voice: FlaskClient) -> None:
    answer = generate(voice, "audio/pcm")
    assert answer.headers["Content-Type"] == "audio/pcm"
    assert np.array_equal(np.frombuffer(answer.data, "<i2"), pcm(voice))


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "*/*",
        AXIOS,
        "application/json",
        "application/*",
        "text/html",
        "audio/midi, application/json",
        "audio/midi, */*;q=0.1",
        "audio/midi, text/html",
        "application/json, audio/flac",
        "audio/flac, */*",
        "audio/flac;q=0.4, application/json;q=0.6",
        "audio/flac;q=0",
        "",
        "audio",
        ";;;,,,",
    ],
)
def test_all_others_get_the_json_that_they_always_had(
    voice: FlaskClient, accept: str | None
) -> None:
    answer = generate(voice, accept)
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    body = answer.get_json()
    assert body["success"] is True
    assert base64.b64decode(body["audio"])[:4] == b"RIFF"


@pytest.mark.parametrize(
    "accept", ["audio/midi", "audio/webm, audio/MIDI;q=0.5", "audio/amr;q=0.1"]
)
def test_audio_that_nobody_makes_is_refused_with_what_there_is(
    voice: FlaskClient, accept: str
) -> None:
    answer = generate(voice, accept)
    assert answer.status_code == 406
    assert answer.content_type == "application/json"
    error = answer.get_json()["error"]
    assert error.startswith(f"Accept: there is no '{accept.split(',')[0].split(';')[0]}' here")
    for kind in ("wav", "flac", "mpeg", "ogg", "aac", "pcm"):
        assert f"audio/{kind}" in error


@pytest.mark.parametrize("to", FORMATS)
def test_json_holds_the_format_that_the_body_names(voice: FlaskClient, to: AudioFormat) -> None:
    one = generate(voice, format=to).get_json()
    body = {"texts": [SENTENCE, "Hi."], "format": to}
    many = voice.post("/generate_batch", json=body, buffered=True).get_json()
    assert one["format"] == many["format"] == to
    assert one["audio"] == many["audios"][0]
    assert one["sample_rate"] == many["sample_rate"] == 24000
    lasts(voice, base64.b64decode(one["audio"]))


def test_a_batch_in_flac_is_half_of_one_in_wav(voice: FlaskClient) -> None:
    texts = [SENTENCE, "Nobody knows when it comes back, and nobody asks."]
    sizes = {
        to: len(voice.post("/generate_batch", json={"texts": texts, "format": to}).data)
        for to in ("flac", "wav")
    }
    assert sizes["flac"] <= 0.52 * sizes["wav"]


@pytest.mark.parametrize("body", [{"format": "ogg"}, {"format": 3}])
def test_an_unknown_format_is_refused(voice: FlaskClient, body: dict[str, Any]) -> None:
    answer = generate(voice, **body)
    assert answer.status_code == 400
    assert "format" in answer.get_json()["error"]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"text": ""}, 400),
        ({"text": "x" * 5001}, 413),
        ({"voice": "bob"}, 400),
        ({"text": "你好"}, 400),
    ],
)
def test_errors_are_json_whatever_is_accepted(
    voice: FlaskClient, more: dict[str, Any], status: int
) -> None:
    answer = generate(voice, "audio/flac", **more)
    assert answer.status_code == status
    assert answer.content_type == "application/json"
    assert answer.get_json()["success"] is False


def test_a_deadline_is_json_too_and_frees_the_server(clock_app: MakeApp) -> None:
    client = clock_app(clock_speed=0.5).test_client()
    answer = client.post(
        "/generate",
        json={"text": SENTENCE},
        headers={"Accept": "audio/flac", "X-Deadline-Seconds": "0.3"},
        buffered=True,
    )
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.get_json()["success"] is False


def test_the_seed_in_the_header_gives_the_take_again(clock_app: MakeApp) -> None:
    answer = generate(clock_app().test_client(), "audio/wav", seed=77)
    assert answer.headers["X-Voice-Seed"] == "77"
