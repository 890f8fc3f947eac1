"""`/v1/audio/transcriptions`: what is said, in each of the formats."""

from __future__ import annotations

import base64
import io
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import webvtt
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.runtime.conftest import MakeApp, read_wav, sound_base64
from tests.runtime.forms import File, posted
from tests.runtime.packing import packed
from voicehost.alignment.words import AlignedWord
from voicehost.app import host
from voicehost.caller import Caller
from voicehost.engines.protocol import HEARING_RATE, Segment, Transcript
from voicehost.errand import Errand
from voicehost.v1 import transcription_answers
from voicehost.v1.languages import NAMES, english_name
from voicehost.v1.word_places import word_places

PATH = "/v1/audio/transcriptions"
TEXT = (
    "Good morning, everybody. Today we look at the numbers of the third quarter, which were "
    "better than anybody had dared to hope. Then let us begin with the first page."
)
FORMATS = ["json", "text", "srt", "verbose_json", "vtt"]
CLOCK_TEXT = "The clock engine hears 2.0 seconds of audio."


@pytest.fixture(scope="module")
def spoken(voice: FlaskClient) -> bytes:
    answer = voice.post("/generate", json={"text": TEXT})
    return base64.b64decode(answer.get_json()["audio"])


@pytest.fixture(scope="module")
def text(ears: FlaskClient, spoken: bytes) -> str:
    """What the older endpoint hears."""
    answer = ears.post("/transcribe", json={"audio": base64.b64encode(spoken).decode()})
    return str(answer.get_json()["text"])


def sent(client: FlaskClient, file: bytes, path: str = PATH, **fields: Any) -> TestResponse:
    return posted(client, path, {"model": "whisper-1", "file": File(file), **fields})


def silence(seconds: float = 2.0) -> bytes:
    return base64.b64decode(sound_base64(np.zeros(round(24_000 * seconds), np.float32)))


def test_json_has_the_text_and_the_length(ears: FlaskClient, spoken: bytes, text: str) -> None:
    answer = sent(ears, spoken)
    assert answer.status_code == 200
    samples, rate = read_wav(base64.b64encode(spoken).decode())
    seconds = math.ceil(len(samples) / rate)
    assert answer.get_json() == {"text": text, "usage": {"type": "duration", "seconds": seconds}}
    assert answer.headers["X-Queue-Position"] == "0"


def test_text_is_nothing_but_the_text(ears: FlaskClient, spoken: bytes, text: str) -> None:
    answer = sent(ears, spoken, response_format="text")
    assert (answer.text, answer.mimetype) == (text + "\n", "text/plain")


def test_verbose_json_has_segments_that_are_the_text(
    ears: FlaskClient, spoken: bytes, text: str
) -> None:
    body = sent(ears, spoken, response_format="verbose_json").get_json()
    assert (body["task"], body["language"], body["text"]) == ("transcribe", "english", text)
    assert "words" not in body
    samples, rate = read_wav(base64.b64encode(spoken).decode())
    assert body["duration"] == pytest.approx(len(samples) / rate, abs=0.001)
    assert " ".join(segment["text"] for segment in body["segments"]) == text
    assert [segment["id"] for segment in body["segments"]] == list(range(len(body["segments"])))
    times = [second for s in body["segments"] for second in (s["start"], s["end"])]
    assert len(times) >= 4
    assert times == sorted(times)
    assert times[-1] <= body["duration"]


@pytest.mark.parametrize(("asked", "segments"), [(["word"], False), (["word", "segment"], True)])
@pytest.mark.parametrize("name", ["timestamp_granularities[]", "timestamp_granularities"])
def test_words_are_those_of_the_text_when_they_are_said(
    ears: FlaskClient, spoken: bytes, text: str, name: str, asked: list[str], segments: bool
) -> None:
    more: dict[str, Any] = {name: asked, "response_format": "verbose_json"}
    body = sent(ears, spoken, **more).get_json()
    assert ("segments" in body) is segments
    words = body["words"]
    assert [word["word"] for word in words] == text.split()
    audio = base64.b64encode(spoken).decode()
    aligned = ears.post("/align", json={"audio": audio, "text": text}).get_json()["words"]
    for word, whole in zip(words, aligned, strict=True):
        assert word["start"] == pytest.approx(whole["start"], abs=0.3)
        assert word["aligned"] is True
    times = [second for word in words for second in (word["start"], word["end"])]
    assert times == sorted(times)
    assert times[-1] <= body["duration"]


@pytest.mark.parametrize("kind", ["vtt", "srt"])
def test_subtitles_show_the_text_when_it_is_said(
    ears: FlaskClient, spoken: bytes, text: str, kind: str
) -> None:
    answer = sent(ears, spoken, response_format=kind)
    assert answer.mimetype == {"vtt": "text/vtt", "srt": "application/x-subrip"}[kind]
    captions = webvtt.from_buffer(io.StringIO(answer.text), format=kind).captions
    assert " ".join(caption.text for caption in captions).split() == text.split()
    assert len(captions) >= 3
    assert 0 <= captions[0].start_in_seconds <= 1
    assert all(len(line) <= 42 for caption in captions for line in caption.text.split("\n"))
    assert all(before.end <= after.start for before, after in pairwise(captions))


@pytest.mark.parametrize("response_format", ["json", "text"])
def test_a_stream_has_a_delta_for_each_segment_and_the_whole(
    ears: FlaskClient, spoken: bytes, text: str, response_format: str
) -> None:
    answer = sent(ears, spoken, stream="true", response_format=response_format)
    assert answer.mimetype == "text/event-stream"
    events = [line.removeprefix("data: ") for line in answer.text.split("\n\n") if line]
    *deltas, done = [answer.json_module.loads(event) for event in events]
    assert {delta["type"] for delta in deltas} == {"transcript.text.delta"}
    assert "".join(delta["delta"] for delta in deltas) == text
    assert len(deltas) >= 2
    assert done == {"type": "transcript.text.done", "text": text}


@pytest.mark.parametrize("kind", ["m4a", "webm", "mp3"])
def test_a_recording_may_be_in_any_container(
    ears: FlaskClient, spoken: bytes, text: str, kind: str
) -> None:
    samples, rate = read_wav(base64.b64encode(spoken).decode())
    heard = sent(ears, packed(kind, samples, rate=rate)).get_json()["text"]
    assert len(set(heard.lower().split()) & set(text.lower().split())) >= 20


def test_a_container_may_come_in_base64_too(ears: FlaskClient, spoken: bytes) -> None:
    samples, rate = read_wav(base64.b64encode(spoken).decode())
    audio = base64.b64encode(packed("m4a", samples, rate=rate)).decode()
    answer = ears.post("/transcribe", json={"audio": audio})
    assert "third quarter" in answer.get_json()["text"]


@pytest.mark.parametrize("response_format", FORMATS)
def test_where_nobody_speaks_every_format_is_empty(ears: FlaskClient, response_format: str) -> None:
    answer = sent(ears, silence(), response_format=response_format)
    assert answer.status_code == 200
    if "json" in response_format:
        assert answer.get_json()["text"] == ""
    else:
        assert answer.text == {"text": "\n", "srt": "", "vtt": "WEBVTT\n"}[response_format]


def test_the_servers_prefix_may_stand_before_the_path(ears: FlaskClient) -> None:
    assert sent(ears, silence(), path="/whisperx" + PATH).get_json()["text"] == ""


@pytest.mark.parametrize("language", ["en", "English", " english ", "en-GB"])
def test_a_language_is_known_by_its_code_and_its_english_name(
    ears: FlaskClient, language: str
) -> None:
    assert sent(ears, silence(), language=language).status_code == 200


@pytest.mark.parametrize("language", ["german", "de", "Englishx"])
def test_a_language_that_the_model_does_not_know_is_refused(
    ears: FlaskClient, language: str
) -> None:
    answer = sent(ears, silence(), language=language)
    assert answer.status_code == 400
    assert answer.get_json()["error"]["param"] == "language"


@pytest.mark.parametrize(
    "model", ["whisper-1", "gpt-4o-transcribe", "gpt-4o-transcribe-2025-03-20", "tiny.en"]
)
def test_openais_names_stand_for_the_model_that_is_there(ears: FlaskClient, model: str) -> None:
    assert sent(ears, silence(), model=model).status_code == 200


def test_words_of_a_language_that_nothing_aligns_share_their_segment(clock_app: MakeApp) -> None:
    made = clock_app("whisperx")
    with made.test_request_context():
        errand = Errand(Caller("", "", "x"))
        segments = [Segment(1.0, 3.0, "eins zwei"), Segment(3.5, 4.0, "drei")]
        audio = np.zeros(5 * HEARING_RATE, np.float32)
        words = word_places(host(made), errand, audio, segments, "de")
    assert [(word.word, word.aligned) for word in words] == [
        ("eins", False), ("zwei", False), ("drei", False),
    ]  # fmt: skip
    assert [(word.start, word.end) for word in words] == [(1.0, 2.0), (2.0, 3.0), (3.5, 4.0)]


def test_two_segments_share_what_is_between_them(clock_app: MakeApp) -> None:
    """The clock aligner spreads words over all that it is given."""
    made = clock_app("whisperx")
    with made.test_request_context():
        errand = Errand(Caller("", "", "x"))
        segments = [
            Segment(0.0, 0.0, "nought"),
            Segment(1.0, 2.0, "one"),
            Segment(2.1, 3.0, "two"),
            Segment(9.5, 9.7, "last"),
        ]
        words = word_places(
            host(made), errand, np.zeros(10 * HEARING_RATE, np.float32), segments, "en"
        )
    spans = [(round(word.start, 3), round(word.end, 3)) for word in words]
    assert spans == [(0.0, 0.2), (0.8, 2.05), (2.05, 3.2), (9.3, 9.9)]


def test_a_long_recording_is_aligned_a_few_segments_at_a_time(clock_app: MakeApp) -> None:
    """More segments than the key may have waiting."""
    made = clock_app("whisperx", queue_items=16, key_items=16)
    with made.test_request_context():
        errand = Errand(Caller("", "", "x"))
        segments = [Segment(n / 2, n / 2 + 0.5, f"word{n}") for n in range(50)]
        words = word_places(
            host(made), errand, np.zeros(25 * HEARING_RATE, np.float32), segments, "en"
        )
    assert [word.word for word in words] == [f"word{n}" for n in range(50)]


def test_a_stream_of_a_language_without_spaces_joins_its_deltas_to_the_text() -> None:
    transcript = Transcript(
        "今日は。今日は。", (Segment(0, 1, "今日は。"), Segment(1, 2, "今日は。"))
    )
    events = list(transcription_answers.events(transcript))
    assert len(events) == 3
    assert b"\\u4eca" in events[0]


def test_a_repetition_is_seen_in_its_compression() -> None:
    transcript = Transcript("la " * 200, (Segment(0, 1, "la " * 200), Segment(1, 2, "Good day.")))
    body = transcription_answers.verbose(transcript, 2.0, "en", segments=True, words=None)
    high, low = (segment["compression_ratio"] for segment in body["segments"])
    assert high > 2.4 > low > 0


def test_times_of_words_are_never_behind_the_end_of_the_audio() -> None:
    words = [AlignedWord("end", 0.9999, 1.9999, 1.0, True)]
    body = transcription_answers.verbose(
        Transcript("end"), 1.9999, "de", segments=False, words=words
    )
    assert body["words"] == [{"word": "end", "start": 0.999, "end": 1.999, "aligned": True}]
    assert body["language"] == "german"


def test_each_language_has_its_english_name() -> None:
    assert len(NAMES) >= 99
    assert english_name("haw") == "hawaiian"
    assert english_name("xx") == "xx"
    assert all(1 < len(code) < 4 and name.islower() for code, name in NAMES.items())
