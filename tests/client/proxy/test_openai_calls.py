"""What the official OpenAI clients call passes untouched, and is refused as they read refusals."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import openai
import pytest

from gpuvoice.secret import Secret
from tests import web
from tests.client.proxy.running import SECRET, Proxied, proxy_before
from tests.client.proxy.scripted import Line, Scripted
from tests.client.proxy.sleeping import calls_of, later, phase, proxy_to
from tests.e2e.console.cloud import Cloud
from tests.patience import until
from tests.power.house import ALICE

SPEECH, HEARING = "/v1/audio/speech", "/v1/audio/transcriptions"
ASKED = {"model": "tts-1", "input": "Good morning.", "voice": "alloy"}
BUSY = {"success": False, "error": {"message": "The queue is full.", "type": "requests"}}


@contextmanager
def client_of(base: str, key: str = "none") -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{base}/v1", api_key=key, max_retries=0, timeout=60) as client:
        yield client


def test_the_first_bytes_of_speech_come_before_the_last_are_made(
    upstream: Scripted, before: Proxied
) -> None:
    heard = threading.Event()

    def speaks(line: Line) -> None:
        line.begin(200, Content_Type="audio/mpeg", Transfer_Encoding="chunked", X_Voice_Seed="7")
        line.part(b"  first")
        assert heard.wait(20)
        line.part(b"last")
        line.part(b"")

    upstream.on[SPEECH] = [speaks]
    with (
        client_of(before.speech) as client,
        client.audio.speech.with_streaming_response.create(
            model="tts-1", input="Good morning.", voice="alloy"
        ) as answer,
    ):
        parts = answer.iter_bytes()
        first = next(parts)
        heard.set()
        assert first + b"".join(parts) == b"  firstlast"
        assert answer.headers["Content-Type"] == "audio/mpeg"
        assert answer.headers["X-Voice-Seed"] == "7"
    (asked,) = upstream.of(SPEECH)
    assert asked.headers["x-api-key"] == SECRET
    assert "authorization" not in asked.headers


def test_speech_that_breaks_off_is_a_broken_connection_and_no_shorter_file(
    upstream: Scripted, before: Proxied
) -> None:
    def breaks(line: Line) -> None:
        line.begin(200, Content_Type="audio/mpeg", Transfer_Encoding="chunked")
        line.part(b"   ")
        line.cut()

    upstream.on[SPEECH] = [breaks]
    with pytest.raises(httpx.RemoteProtocolError):
        web.post(before.speech + SPEECH, json=ASKED, trust_env=False)
    assert len(upstream.of(SPEECH)) == 1
    until(lambda: calls_of(before)[0]["state"] == "failed")


def test_an_upload_goes_on_while_it_comes(upstream: Scripted, before: Proxied) -> None:
    upstream.on[HEARING] = [lambda line: line.tell(200, {"text": "Good morning."})]
    recording = b"RIFF" + bytes(range(256)) * 9000
    with client_of(before.speech) as client:
        made = client.audio.transcriptions.create(model="whisper-1", file=("a.wav", recording))
    assert made.text == "Good morning."
    (asked,) = upstream.of(HEARING)
    assert asked.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert recording in asked.body


def test_a_busy_server_is_asked_again_and_the_body_sent_again(
    upstream: Scripted, before: Proxied
) -> None:
    upstream.on[SPEECH] = [
        lambda line: line.tell(429, BUSY, Retry_After="1"),
        lambda line: line.say(200, b"sound", Content_Type="audio/mpeg"),
    ]
    answer = web.post(before.speech + SPEECH, json=ASKED, trust_env=False)
    assert (answer.status_code, answer.content) == (200, b"sound")
    first, second = upstream.of(SPEECH)
    assert first.body == second.body != b""


def test_what_a_server_that_stays_busy_says_is_told(upstream: Scripted) -> None:
    upstream.on[SPEECH] = [lambda line: line.tell(503, BUSY, Retry_After="1")]
    with (
        proxy_before(upstream.url, patience_seconds=0.3) as proxied,
        client_of(proxied.speech) as client,
        pytest.raises(openai.InternalServerError) as refused,
    ):
        client.audio.speech.create(model="tts-1", input="x", voice="alloy")
    assert refused.value.body["message"].endswith(". The queue is full.")  # type: ignore[index]


def test_what_the_server_refuses_comes_back_as_it_is(upstream: Scripted, before: Proxied) -> None:
    refusal = {"error": {"message": "voice: is not known.", "type": "invalid_request_error",
                         "param": "voice", "code": None}}  # fmt: skip
    upstream.on[SPEECH] = [lambda line: line.tell(400, refusal)]
    with client_of(before.speech) as client, pytest.raises(openai.BadRequestError) as refused:
        client.audio.speech.create(model="tts-1", input="x", voice="nobody")
    assert refused.value.body == refusal["error"]
    assert calls_of(before)[0]["error"] == "voice: is not known."


@pytest.fixture
def locked(upstream: Scripted) -> Iterator[Proxied]:
    upstream.on["/v1/models"] = [lambda line: line.tell(200, {"object": "list", "data": []})]
    with proxy_before(upstream.url, own_key=Secret("own-key-of-the-proxy")) as made:
        yield made


def test_the_proxys_own_key_is_the_api_key_of_the_client(locked: Proxied) -> None:
    with client_of(locked.speech, "own-key-of-the-proxy") as client:
        assert list(client.models.list()) == []
    with (
        client_of(locked.speech, "another") as client,
        pytest.raises(openai.AuthenticationError) as refused,
    ):
        client.models.list()
    assert refused.value.code == "invalid_api_key"
    assert "needs its own key" in str(refused.value)


@pytest.mark.parametrize("prefix", ["", "/tts"])
def test_a_sleeping_gpu_is_woken_and_the_client_waits_without_white_space(
    cloud: Cloud, asleep: Proxied, prefix: str
) -> None:
    call = later(f"{asleep.speech}{prefix}{SPEECH}", ASKED)
    until(lambda: phase(cloud) == "starting")
    until(lambda: calls_of(asleep)[0]["seconds"] > 0.6)
    cloud.start()
    answer = call.result()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "audio/mpeg"
    assert answer.content[:1] != b" "


def test_patience_ends_with_an_error_that_the_client_knows(cloud: Cloud) -> None:
    with (
        proxy_to(cloud, patience_seconds=0.5) as proxied,
        client_of(proxied.speech) as client,
        pytest.raises(openai.InternalServerError) as refused,
    ):
        client.audio.speech.create(model="tts-1", input="x", voice="alloy")
    assert refused.value.status_code == 503
    assert "Retry-After" in refused.value.response.headers
    assert refused.value.body["message"].startswith("Not ready ")  # type: ignore[index]
    assert refused.value.type == "server_error"


def test_listing_the_models_wakes_nothing(cloud: Cloud, asleep: Proxied) -> None:
    for base in (asleep.speech, f"{asleep.console}/whisperx"):
        with client_of(base) as client, pytest.raises(openai.InternalServerError) as refused:
            client.models.list()
        assert refused.value.body["message"]  # type: ignore[index]
    assert cloud.look() == "off"


def test_a_wrong_key_is_told_as_one(cloud: Cloud) -> None:
    with (
        proxy_to(cloud, key=f"{ALICE}x") as proxied,
        client_of(proxied.speech) as client,
        pytest.raises(openai.AuthenticationError) as refused,
    ):
        client.audio.speech.create(model="tts-1", input="x", voice="alloy")
    assert refused.value.code == "invalid_api_key"
    assert ALICE not in str(refused.value)


def test_other_paths_have_errors_as_ever(upstream: Scripted, before: Proxied) -> None:
    for path in ("/v1x/generate", "/generate/v1/x"):
        answer = web.post(f"{before.speech}{path}", json={}, headers={"Host": "evil.example"},
                            trust_env=False)  # fmt: skip
        assert isinstance(answer.json()["error"], str)
    answer = web.post(before.speech + SPEECH, json={}, headers={"Host": "evil.example"},
                        trust_env=False)  # fmt: skip
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_the_client_in_a_page_may_say_what_it_is(before: Proxied) -> None:
    given = {
        "Origin": "http://localhost:3000",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-stainless-lang,x-y",
    }
    answer = web.options(before.speech + SPEECH, headers=given, trust_env=False)
    allowed = answer.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"authorization", "x-stainless-lang", "prefer", "idempotency-key"} <= set(allowed)
    assert "x-y" not in allowed
