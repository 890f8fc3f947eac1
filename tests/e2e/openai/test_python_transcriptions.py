"""`openai` for Python has recordings written down."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import openai
import pytest
import webvtt
from openai import OpenAI
from openai.types.audio import TranscriptionVerbose
from whisper_normalizer.english import EnglishTextNormalizer

from tests.e2e.samples import SECRET
from tests.runtime.packing import packed
from tests.runtime.players import decoded
from tests.servers import Running, running_servers

SAID = (
    "The ferry leaves at nine, and nobody knows when it comes back. Good morning, everybody. "
    "Today we look at the numbers of the third quarter. Then let us begin with the first page."
)
MODEL = "whisper-1"


@pytest.fixture(scope="module")
def recording(servers: Running) -> bytes:
    with OpenAI(base_url=f"{servers.tts}/v1", api_key=SECRET) as client:
        answer = client.audio.speech.create(
            model="tts-1", voice="alloy", input=SAID, response_format="wav"
        )
        return answer.content


@pytest.fixture(params=["/v1", "/whisperx/v1"])
def ears(servers: Running, request: pytest.FixtureRequest) -> Iterator[OpenAI]:
    url = f"{servers.whisperx}{request.param}"
    with OpenAI(base_url=url, api_key=SECRET, max_retries=0) as made:
        yield made


def word_errors(heard: str) -> float:
    plain = EnglishTextNormalizer()
    return float(jiwer.wer(plain(SAID), plain(heard)))


def file(recording: bytes) -> io.BytesIO:
    named = io.BytesIO(recording)
    named.name = "said.wav"
    return named


def test_json_is_what_was_said(ears: OpenAI, recording: bytes) -> None:
    heard = ears.audio.transcriptions.create(model=MODEL, file=file(recording))
    assert word_errors(heard.text) <= 0.1
    assert heard.usage is not None
    assert heard.usage.type == "duration"


def test_text_is_a_string(ears: OpenAI, recording: bytes) -> None:
    heard = ears.audio.transcriptions.create(
        model=MODEL, file=file(recording), response_format="text", language="en"
    )
    assert isinstance(heard, str)
    assert word_errors(heard) <= 0.1


def test_verbose_json_has_segments_and_words(ears: OpenAI, recording: bytes) -> None:
    heard = ears.audio.transcriptions.create(
        model=MODEL,
        file=file(recording),
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
        prompt="Ferries.",
        temperature=0.2,
    )
    assert isinstance(heard, TranscriptionVerbose)
    assert heard.language == "english"
    samples, rate = decoded(recording)
    assert heard.duration == pytest.approx(len(samples) / rate, abs=0.002)
    assert heard.segments is not None
    assert word_errors(" ".join(segment.text for segment in heard.segments)) <= 0.1
    assert heard.words is not None
    assert [word.word for word in heard.words] == heard.text.split()
    assert all(0 <= word.start <= word.end <= heard.duration for word in heard.words)


@pytest.mark.parametrize("kind", ["srt", "vtt"])
def test_subtitles_are_read_by_the_fields_own_parser(
    ears: OpenAI, recording: bytes, kind: Any
) -> None:
    heard = ears.audio.transcriptions.create(
        model=MODEL, file=file(recording), response_format=kind
    )
    captions = webvtt.from_buffer(io.StringIO(heard), format=kind).captions
    assert len(captions) >= 3
    assert word_errors(" ".join(caption.text for caption in captions)) <= 0.1


def test_a_stream_ends_with_the_whole_text(ears: OpenAI, recording: bytes) -> None:
    events = list(
        ears.audio.transcriptions.create(
            model="gpt-4o-mini-transcribe", file=file(recording), stream=True
        )
    )
    text = "".join(e.delta for e in events if e.type == "transcript.text.delta")
    last = events[-1]
    assert last.type == "transcript.text.done"
    assert last.text == text
    assert word_errors(text) <= 0.1


@pytest.mark.parametrize("kind", ["m4a", "mp3", "webm"])
def test_a_recording_of_a_phone_or_a_browser_is_heard(
    client: OpenAI, recording: bytes, tmp_path: Path, kind: str
) -> None:
    """By the text server's URL, the one that a client has."""
    samples, rate = decoded(recording)
    path = tmp_path / f"said.{kind}"
    path.write_bytes(packed(kind, samples.astype(np.float32), rate=rate))
    heard = client.audio.transcriptions.create(model=MODEL, file=path)
    assert word_errors(heard.text) <= 0.1


def test_a_file_that_is_no_sound_is_the_callers_mistake(ears: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="file: is not an audio file") as error:
        ears.audio.transcriptions.create(model=MODEL, file=("a.wav", b"no sound at all"))
    assert (error.value.param, error.value.type) == ("file", "invalid_request_error")


def test_a_model_that_is_not_there_is_not_found(ears: OpenAI, recording: bytes) -> None:
    with pytest.raises(openai.NotFoundError, match="there is no 'whisper-9' here") as error:
        ears.audio.transcriptions.create(model="whisper-9", file=file(recording))
    assert (error.value.code, error.value.param) == ("model_not_found", "model")


def test_a_stranger_is_told_about_the_key(servers: Running, recording: bytes) -> None:
    url = f"{servers.whisperx}/v1"
    with (
        OpenAI(base_url=url, api_key="sk-no", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError, match="A valid key is needed") as error,
    ):
        stranger.audio.transcriptions.create(model=MODEL, file=file(recording))
    assert error.value.code == "invalid_api_key"


def test_a_path_that_is_not_there_is_not_found(ears: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="There is no such path here"):
        ears.embeddings.create(model=MODEL, input="Good morning.")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Servers that hold nothing: no memory for a form's file beside its body."""
    settings = {
        "VOICE_ENGINE": "clock",
        "VOICE_BODY_MIB": "1",
        "VOICE_TEXT_BODY_MIB": "1",
        "VOICE_MEMORY_MIB": "1",
    }
    with running_servers(tmp_path_factory.mktemp("small"), settings) as running:
        yield running


def test_a_full_server_says_when_to_try_again(small: Running) -> None:
    long = packed("mkv", np.zeros(350_000, np.float32))
    assert 600_000 < len(long) < 1_000_000
    with (
        OpenAI(base_url=f"{small.whisperx}/v1", api_key="none", max_retries=0) as client,
        pytest.raises(openai.InternalServerError, match="Try again in a moment") as error,
    ):
        client.audio.transcriptions.create(model=MODEL, file=("a.mkv", long))
    assert error.value.type == "server_error"
    assert int(error.value.response.headers["Retry-After"]) >= 1
