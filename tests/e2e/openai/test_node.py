"""`openai` for Node has texts spoken."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.e2e.openai.held import Held
from tests.e2e.openai.node import run, running
from tests.e2e.openai.test_python_speech import ENOUGH_STEPS, FIRST_STEPS, LONG, PIECES, SENTENCE
from tests.e2e.samples import SECRET
from tests.runtime.players import decoded
from tests.servers import Running

pytestmark = pytest.mark.usefixtures("node_client")
FORMATS = {
    "wav": "audio/wav",
    "flac": "audio/flac",
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
}


def speech(name: str, text: str = SENTENCE, **more: Any) -> dict[str, Any]:
    body = {"model": "tts-1", "voice": "alloy", "input": text, **more}
    return {"name": name, "call": "speech", "body": body}


@pytest.fixture(scope="module")
def said(servers: Running, node_client: None) -> dict[str, Any]:
    return run(
        f"{servers.tts}/tts/v1",
        SECRET,
        [
            *(speech(to, LONG, response_format=to) for to in FORMATS),
            speech("pcm", LONG, response_format="pcm"),
            speech("fast", LONG, response_format="pcm", speed=2),
            speech("wrong_voice", voice="bob"),
            speech("wrong_model", model="tts-9"),
            speech("broken_off", f"{PIECES[0].text} {'你好。' * 60}", response_format="pcm"),
            {"name": "models", "call": "models"},
            {"name": "model", "call": "model", "id": "hibari-tts/heart"},
            {"name": "no_model", "call": "model", "id": "gpt-9"},
        ],
    )


def seconds(said: dict[str, Any], name: str) -> float:
    return len(base64.b64decode(said[name]["audio"])) / 48000


@pytest.mark.parametrize("to", FORMATS)
def test_each_format_is_a_file_of_the_same_length(said: dict[str, Any], to: str) -> None:
    assert said[to]["type"] == FORMATS[to]
    heard, rate = decoded(base64.b64decode(said[to]["audio"]))
    assert len(heard) / rate == pytest.approx(seconds(said, "pcm"), abs=0.05)


def test_a_faster_voice_takes_less_time(said: dict[str, Any]) -> None:
    assert seconds(said, "fast") == pytest.approx(seconds(said, "pcm") / 2, rel=0.03)


def test_errors_are_those_of_the_client_with_the_sentence(said: dict[str, Any]) -> None:
    assert said["wrong_voice"]["thrown"] == "BadRequestError"
    assert said["wrong_voice"]["param"] == "voice"
    assert "speaks as heart" in said["wrong_voice"]["message"]
    for name in ("wrong_model", "no_model"):
        assert said[name]["thrown"] == "NotFoundError"
        assert said[name]["code"] == "model_not_found"


def test_what_broke_off_is_no_answer(said: dict[str, Any]) -> None:
    assert "audio" not in said["broken_off"]
    assert said["broken_off"]["thrown"]


def test_models_are_listed_and_looked_up(said: dict[str, Any]) -> None:
    assert {"tts-1", "whisper-1", "hibari-tts/heart"} <= set(said["models"]["names"])
    assert said["model"]["id"] == "hibari-tts/heart"


def test_a_stranger_is_refused(servers: Running) -> None:
    said = run(f"{servers.tts}/v1", "sk-no", [speech("refused")])
    assert said["refused"]["thrown"] == "AuthenticationError"


def test_the_first_sentences_are_heard_while_the_last_are_not_spoken(held: Held) -> None:
    held.let(FIRST_STEPS)
    step = speech("long", LONG) | {"call": "stream"}
    with running(f"{held.url}/v1", "none", [step]) as said:
        name, first = next(said)
        assert name == "long_first"
        assert held.activity()["queue_depth"] == len(PIECES) - 2
        held.let(ENOUGH_STEPS)
        name, whole = next(said)
        assert name == "long"
        assert whole["bytes"] > first["bytes"]
