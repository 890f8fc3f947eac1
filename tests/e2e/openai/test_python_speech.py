"""`openai` for Python has texts spoken."""

from __future__ import annotations

import base64
import json

import numpy as np
import openai
import pytest
from openai import OpenAI

from tests import web
from tests.e2e.openai.held import Held
from tests.e2e.samples import SECRET
from tests.patience import until
from tests.runtime.players import Pcm, decoded
from tests.servers import Running
from voicehost.audio.formats import AudioFormat
from voicehost.engines.clock import frames_for
from voicehost.settings import VoiceHostSettings
from voicehost.text.pieces import cut

SENTENCE = "The ferry leaves at nine, and nobody knows when it comes back."
LONG = " ".join([SENTENCE] * 12)
PIECES = cut(LONG, VoiceHostSettings().piece_characters)
FIRST_STEPS = frames_for(PIECES[0].text)
ENOUGH_STEPS = 2 * frames_for(LONG)
RATES = {"wav": 24000, "flac": 24000, "mp3": 24000, "opus": 48000, "aac": 48000}


def generated(servers: Running, text: str) -> Pcm:
    answer = web.post(
        f"{servers.tts}/generate",
        json={"text": text, "format": "pcm"},
        headers={"X-API-Key": SECRET},
        timeout=120,
        trust_env=False,
    )
    return np.frombuffer(base64.b64decode(answer.json()["audio"]), "<i2")


@pytest.mark.parametrize("to", RATES)
@pytest.mark.parametrize("text", [SENTENCE, LONG])
def test_each_format_is_the_clip_that_generate_gives(
    client: OpenAI, servers: Running, to: AudioFormat, text: str
) -> None:
    answer = client.audio.speech.create(
        model="gpt-4o-mini-tts", voice="alloy", input=text, response_format=to
    )
    heard, rate = decoded(answer.content)
    assert rate == RATES[to]
    assert len(heard) / rate == pytest.approx(len(generated(servers, text)) / 24000, abs=0.05)


def test_pcm_is_the_same_samples(client: OpenAI, servers: Running) -> None:
    answer = client.audio.speech.create(
        model="tts-1-hd", voice="nova", input=LONG, response_format="pcm", instructions="Calmly."
    )
    assert np.array_equal(np.frombuffer(answer.content, "<i2"), generated(servers, LONG))


def test_a_faster_voice_takes_less_time(client: OpenAI, servers: Running) -> None:
    answer = client.audio.speech.create(
        model="tts-1", voice={"id": "heart"}, input=SENTENCE, speed=1.5, response_format="flac"
    )
    heard, rate = decoded(answer.content)
    seconds = len(generated(servers, SENTENCE)) / 24000 / 1.5
    assert len(heard) / rate == pytest.approx(seconds, rel=0.03)


def test_server_sent_events_carry_the_file(client: OpenAI) -> None:
    with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="alloy", input=LONG, stream_format="sse"
    ) as answer:
        lines = [line for line in answer.iter_lines() if line]
    events = [json.loads(line.removeprefix("data: ")) for line in lines]
    audio = b"".join(base64.b64decode(event["audio"]) for event in events[:-1])
    plain = client.audio.speech.create(model="tts-1", voice="alloy", input=LONG)
    assert audio == plain.content
    assert events[-1]["type"] == "speech.audio.done"


@pytest.mark.parametrize("to", ["mp3", "opus", "aac", "pcm"])
def test_the_first_sentences_are_heard_while_the_last_are_not_spoken(
    held: Held, held_client: OpenAI, to: AudioFormat
) -> None:
    held.let(FIRST_STEPS)
    with held_client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="alloy", input=LONG, response_format=to
    ) as answer:
        parts = answer.iter_bytes()
        assert len(next(parts)) > 100
        assert held.activity()["queue_depth"] == len(PIECES) - 2
        held.let(ENOUGH_STEPS)
        assert sum(map(len, parts)) > 1000


def test_who_hangs_up_in_the_middle_has_nothing_more_spoken(
    held: Held, held_client: OpenAI
) -> None:
    held.let(FIRST_STEPS)
    with held_client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="alloy", input=LONG
    ) as answer:
        next(answer.iter_bytes())
        assert held.activity()["in_flight"] == 1
    until(lambda: held.activity()["in_flight"] == 0)
    assert held.activity()["queue_depth"] == 0


def test_a_failure_in_the_middle_never_looks_like_the_end(client: OpenAI) -> None:
    text = f"{PIECES[0].text} {'你好。' * 60}"
    with (
        client.audio.speech.with_streaming_response.create(
            model="tts-1", voice="alloy", input=text, response_format="pcm"
        ) as answer,
        pytest.raises(Exception, match=r"incomplete|peer closed") as broken,
    ):
        for _ in answer.iter_bytes():
            pass
    assert "RemoteProtocolError" in repr(broken.value)


def test_a_failure_before_the_first_byte_is_an_error(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.audio.speech.create(model="tts-1", voice="alloy", input="你好")
    assert "found nothing to say" in refused.value.message


def test_a_wrong_field_is_named(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.audio.speech.create(model="tts-1", voice="bob", input=SENTENCE)
    assert refused.value.param == "voice"
    assert "this server speaks as heart" in refused.value.message
    with pytest.raises(openai.APIStatusError) as too_long:
        client.audio.speech.create(model="tts-1", voice="alloy", input="x" * 5001)
    assert too_long.value.status_code == 413
    assert too_long.value.param == "input"


def test_an_unknown_model_is_not_found(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        client.audio.speech.create(model="tts-9", voice="alloy", input=SENTENCE)
    assert unknown.value.code == "model_not_found"
    assert "tts-1" in unknown.value.message


def test_without_a_valid_key_nothing_is_spoken(servers: Running) -> None:
    with (
        OpenAI(base_url=f"{servers.tts}/v1", api_key="sk-no", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError) as refused,
    ):
        stranger.audio.speech.create(model="tts-1", voice="alloy", input=SENTENCE)
    assert refused.value.code == "invalid_api_key"


def test_a_deadline_is_an_internal_server_error(held_client: OpenAI) -> None:
    with pytest.raises(openai.InternalServerError) as late:
        held_client.audio.speech.create(
            model="tts-1",
            voice="alloy",
            input=SENTENCE,
            extra_headers={"X-Deadline-Seconds": "0.2"},
        )
    assert late.value.status_code == 503
    assert "deadline" in late.value.message
