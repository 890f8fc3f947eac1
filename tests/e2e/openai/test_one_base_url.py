"""What the text server passes on to its neighbour, through one base URL."""

from __future__ import annotations

import io
from pathlib import Path

import httpx
import numpy as np
import openai
import pytest
import soundfile
from openai import OpenAI

from tests import web
from tests.e2e.openai.node import run
from tests.e2e.samples import SECRET
from tests.patience import until
from tests.runtime.raw_http import connect
from tests.servers import Running

SENTENCE = "The ferry leaves at nine, and nobody knows when it comes back."
HEARD = "nobody knows when it comes back"


@pytest.fixture(scope="module")
def recording(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recording") / "ferry.wav"
    with OpenAI(base_url=f"{servers.tts}/v1", api_key=SECRET) as client:
        client.audio.speech.create(
            model="tts-1", voice="alloy", input=SENTENCE, response_format="wav"
        ).write_to_file(path)
    return path


def test_what_was_spoken_is_heard_through_the_same_client(client: OpenAI, recording: Path) -> None:
    heard = client.audio.transcriptions.create(model="whisper-1", file=recording)
    assert HEARD in heard.text.lower()


def test_the_answer_is_byte_for_byte_the_neighbours(servers: Running, recording: Path) -> None:
    for kind in ("json", "text", "srt", "verbose_json"):
        answers = [
            web.post(
                f"{url}/v1/audio/transcriptions",
                headers={"Authorization": f"Bearer {SECRET}"},
                files={"file": ("ferry.wav", recording.read_bytes())},
                data={"model": "whisper-1", "response_format": kind},
                timeout=120,
                trust_env=False,
            )
            for url in (f"{servers.tts}/tts", servers.whisperx)
        ]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert len({answer.content for answer in answers}) == 1
        assert len({answer.headers["Content-Type"] for answer in answers}) == 1
        assert all("X-Queue-Position" in answer.headers for answer in answers)


def test_a_refusal_is_the_neighbours_too(client: OpenAI, recording: Path) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        client.audio.transcriptions.create(model="whisper-9", file=recording)
    assert unknown.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError) as refused:
        client.audio.transcriptions.create(model="whisper-1", file=("a.wav", b"no audio at all"))
    assert refused.value.param == "file"


def test_a_stranger_is_refused_before_anything_is_passed_on(servers: Running) -> None:
    with (
        OpenAI(base_url=f"{servers.tts}/v1", api_key="sk-no", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError),
    ):
        stranger.audio.transcriptions.create(model="whisper-1", file=("a.wav", b"x"))


def test_node_has_it_heard_too(servers: Running, recording: Path, node_client: None) -> None:
    step = {
        "name": "heard",
        "call": "transcription",
        "file": str(recording),
        "body": {"model": "whisper-1"},
    }
    said = run(f"{servers.tts}/tts/v1", SECRET, [step])
    assert HEARD in said["heard"]["text"].lower()


def test_the_caller_keeps_its_name_and_its_traffic(
    client: OpenAI, servers: Running, recording: Path
) -> None:
    client.audio.transcriptions.create(
        model="whisper-1", file=recording, extra_headers={"X-Request-Id": "passed-on"}
    )

    def logged() -> list[str]:
        lines = servers.log.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if '"request_id": "passed-on"' in line]

    until(lambda: len(logged()) == 2)
    assert all('"key": "alice"' in line for line in logged())


def in_flight(url: str) -> int:
    answer = web.get(f"{url}/internal/activity", headers={"X-Voice-Internal": "1"}, trust_env=False)
    return int(answer.json()["in_flight"])


def test_who_hangs_up_here_hangs_up_there(clock_servers: Running) -> None:
    """Half an hour of silence keeps the clock engine busy for longer than the test waits."""
    file = io.BytesIO()
    soundfile.write(file, np.zeros(1800 * 8000, np.int16), 8000, format="FLAC")
    request = httpx.Request(
        "POST",
        f"{clock_servers.tts}/v1/audio/transcriptions",
        files={"file": ("long.flac", file.getvalue())},
        data={"model": "whisper-1"},
    )
    head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    line = f"POST {request.url.path} HTTP/1.1\r\n{head}\r\n"
    with connect(clock_servers.tts) as sock:
        sock.sendall(line.encode() + request.read())
        until(lambda: in_flight(clock_servers.whisperx) == 1)
        assert in_flight(clock_servers.tts) == 1
    until(lambda: in_flight(clock_servers.whisperx) == in_flight(clock_servers.tts) == 0, 15)
