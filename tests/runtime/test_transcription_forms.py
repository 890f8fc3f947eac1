"""The form of `/v1/audio/transcriptions`: what is taken, and what is refused with which words."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.runtime.conftest import MakeApp, sound_base64
from tests.runtime.forms import File, posted, raw
from voicehost.v1.multipart import MOST_FIELD_BYTES, MOST_PARTS

PATH = "/v1/audio/transcriptions"
SOUND = base64.b64decode(sound_base64(np.zeros(48_000, np.float32)))
HEARD = "The clock engine hears 2.0 seconds of audio."


@pytest.fixture
def client(clock_app: MakeApp) -> FlaskClient:
    return clock_app("whisperx").test_client()


def sent(client: FlaskClient, **fields: Any) -> TestResponse:
    return posted(client, PATH, {"file": File(SOUND), "model": "whisper-1", **fields})


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"language": "en", "prompt": "Names: Ada.", "temperature": "0.2", "stream": "false"},
        {"language": "en-US", "response_format": "", "temperature": "", "prompt": ""},
        {"include[]": "logprobs", "chunking_strategy": "auto", "keywords[]": ["a", "b"]},
        {"file": File(SOUND, "päge\u2028.bin", "text/html")},
        {"timestamp_granularities[]": "segment", "response_format": "verbose_json"},
    ],
)
def test_what_openais_clients_may_send_is_taken(
    client: FlaskClient, fields: Mapping[str, Any]
) -> None:
    answer = sent(client, **fields)
    assert answer.status_code == 200
    assert answer.get_json()["text"] == HEARD


@pytest.mark.parametrize(
    ("fields", "status", "param", "says"),
    [
        ({"file": None}, 400, "file", "file: is missing."),
        ({"file": "text"}, 400, "file", "give the part a filename"),
        ({"file": File(b"")}, 400, "file", "file: is empty"),
        ({"file": File(b"no")}, 400, "file", "file: is not an audio file"),
        ({"model": None}, 400, "model", "model: Field required."),
        ({"model": ""}, 400, "model", "model: Field required."),
        ({"model": "tts-1"}, 404, "model", "there is no 'tts-1' here"),
        ({"language": "xx"}, 400, "language", "language: this server's model knows en only."),
        ({"temperature": "1.5"}, 400, "temperature", "temperature: Input should be less"),
        ({"temperature": "warm"}, 400, "temperature", "temperature: Input should be a valid"),
        ({"stream": "perhaps"}, 400, "stream", "stream: Input should be a valid boolean"),
        ({"response_format": "xml"}, 400, "response_format", "'verbose_json' or 'vtt'"),
        ({"response_format": "diarized_json"}, 400, "response_format", "response_format: Input"),
        ({"stream": "true", "response_format": "srt"}, 400, "stream", "needs response_format"),
        ({"timestamp_granularities[]": "word"}, 400, "timestamp_granularities", "verbose_json"),
        (
            {"timestamp_granularities[]": "letter", "response_format": "verbose_json"},
            400, "timestamp_granularities", "'segment' or 'word'",
        ),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(
    client: FlaskClient, fields: Mapping[str, Any], status: int, param: str, says: str
) -> None:
    answer = sent(client, **fields)
    assert answer.status_code == status
    error = answer.get_json()["error"]
    assert error["param"] == param
    assert error["message"].startswith(param)
    assert says in error["message"]


@pytest.mark.parametrize(
    ("body", "content_type", "status", "says"),
    [
        (b"{}", "application/json", 415, "Send a form"),
        (b"a=b", "application/x-www-form-urlencoded", 415, "multipart/form-data"),
        (b"", "multipart/form-data", 415, "Send a form"),
        (b"", "multipart/form-data; boundary=x", 400, "cannot be read"),
        (b"--y\r\n\r\n--y--", "multipart/form-data; boundary=x", 400, "cannot be read"),
        (b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nRIFF',
         "multipart/form-data; boundary=x", 400, "cannot be read"),
        (b"--x\r\nno header\r\n\r\n1\r\n--x--\r\n", "multipart/form-data; boundary=x", 400, ""),
    ],
)  # fmt: skip
def test_a_body_that_is_no_form_is_refused(
    client: FlaskClient, body: bytes, content_type: str, status: int, says: str
) -> None:
    answer = raw(client, PATH, body, content_type)
    assert answer.status_code == status
    assert says in answer.get_json()["error"]["message"]


def test_a_compressed_form_is_refused(client: FlaskClient) -> None:
    form = "multipart/form-data; boundary=x"
    answer = raw(client, PATH, b"x", form, Content_Encoding="gzip")
    assert answer.status_code == 415
    assert answer.get_json()["error"]["message"].startswith("Compressed bodies are not read.")


def test_a_form_of_many_parts_or_a_long_field_is_refused(client: FlaskClient) -> None:
    many = sent(client, **{"x[]": ["1"] * (MOST_PARTS + 1)})
    long = sent(client, prompt="x" * (MOST_FIELD_BYTES + 1))
    for answer in (many, long):
        assert answer.status_code == 413
        assert "Send less" in answer.get_json()["error"]["message"]
    assert sent(client, prompt="x" * 100_000).status_code == 200


def test_a_form_larger_than_the_limit_is_refused(clock_app: MakeApp) -> None:
    client = clock_app("whisperx", body_mib=1, text_body_mib=1).test_client()
    answer = sent(client, file=File(b"\0" * 2**20))
    assert answer.status_code == 413
    assert "larger than 1 MiB" in answer.get_json()["error"]["message"]


def test_a_recording_longer_than_the_limit_is_refused(clock_app: MakeApp) -> None:
    client = clock_app("whisperx", audio_seconds=1).test_client()
    error = sent(client).get_json()["error"]
    assert error["message"].startswith("file: is longer than 1 seconds")


def test_a_form_takes_its_part_of_the_memory_and_gives_it_back(clock_app: MakeApp) -> None:
    app = clock_app("whisperx", body_mib=1, text_body_mib=1, memory_mib=1)
    client = app.test_client()
    # 0.55 MiB, as a body and as a file; its sound takes 0.18 MiB.
    big = base64.b64decode(sound_base64(np.zeros(48_000 * 3, np.float32), 48_000, channels=2))
    with sent(client, file=File(big)) as answer:
        assert answer.status_code == 503
        assert answer.get_json()["error"]["type"] == "server_error"
        assert answer.headers["Retry-After"]
    for _ in range(20):
        with sent(client) as answer:
            assert answer.status_code == 200


def test_what_is_sent_twice_counts_once(client: FlaskClient) -> None:
    both = [File(SOUND), File(b"junk")]
    answer = sent(client, file=both, model=["nothing", "whisper-1"])
    assert answer.get_json()["text"] == HEARD
