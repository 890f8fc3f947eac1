"""`openai` for Node has recordings written down."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import webvtt
from openai import OpenAI

from tests.e2e.openai.node import run
from tests.e2e.openai.test_python_transcriptions import MODEL, SAID, word_errors
from tests.e2e.samples import SECRET
from tests.servers import Running

pytestmark = pytest.mark.usefixtures("node_client")


@pytest.fixture(scope="module")
def heard(
    servers: Running, node_client: None, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("node")
    file = said_in(servers, folder / "said.mp3")
    (folder / "noise.wav").write_bytes(b"no sound at all")

    def step(name: str, path: Path = file, call: str = "transcription", **body: Any) -> Any:
        return {"name": name, "call": call, "file": str(path), "body": {"model": MODEL, **body}}

    formats = ["json", "text", "srt", "vtt"]
    return run(
        f"{servers.whisperx}/whisperx/v1",
        SECRET,
        [
            *(step(to, response_format=to) for to in formats),
            step("verbose", response_format="verbose_json", timestamp_granularities=["word"]),
            step("stream", call="transcription_events"),
            step("noise", folder / "noise.wav"),
            step("no_model", model="whisper-9"),
        ],
    )


def said_in(servers: Running, path: Path) -> Path:
    with OpenAI(base_url=f"{servers.tts}/v1", api_key=SECRET) as client:
        client.audio.speech.create(model="tts-1", voice="alloy", input=SAID).write_to_file(path)
    return path


def test_each_format_is_what_was_said(heard: dict[str, Any]) -> None:
    assert word_errors(heard["json"]["text"]) <= 0.1
    assert word_errors(heard["text"]) <= 0.1
    for kind in ("srt", "vtt"):
        captions = webvtt.from_buffer(io.StringIO(heard[kind]), format=kind).captions
        assert word_errors(" ".join(caption.text for caption in captions)) <= 0.1


def test_words_have_times(heard: dict[str, Any]) -> None:
    verbose = heard["verbose"]
    assert [word["word"] for word in verbose["words"]] == verbose["text"].split()
    assert 0 <= verbose["words"][0]["start"] < verbose["words"][-1]["end"] <= verbose["duration"]


def test_a_stream_ends_with_the_whole_text(heard: dict[str, Any]) -> None:
    *deltas, done = heard["stream"]["events"]
    assert done["type"] == "transcript.text.done"
    assert "".join(delta["delta"] for delta in deltas) == done["text"]
    assert word_errors(done["text"]) <= 0.1


def test_errors_are_those_of_the_client_with_the_sentence(heard: dict[str, Any]) -> None:
    noise, no_model = heard["noise"], heard["no_model"]
    assert (noise["thrown"], noise["status"], noise["param"]) == ("BadRequestError", 400, "file")
    assert "file: is not an audio file" in noise["message"]
    assert (no_model["thrown"], no_model["code"]) == ("NotFoundError", "model_not_found")
