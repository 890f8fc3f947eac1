"""`/transcribe` and `/align` do what the clients rely on."""

from __future__ import annotations

import base64
import io
import re
from contextlib import ExitStack
from typing import Any

import numpy as np
import pytest
import soundfile
from flask.testing import FlaskClient

from tests.runtime.conftest import MakeApp, read_wav, sound_base64
from tests.runtime.packing import packed
from voicehost.app import host
from voicehost.errors import QueueFull, RequestError
from voicehost.routes.intake import Intake

MIB = 2**20

TEXT = "On the 4th of March we paid $25 for 3 tickets — and got a cat!"


@pytest.fixture(scope="module")
def spoken(voice: FlaskClient) -> str:
    return str(voice.post("/generate", json={"text": TEXT}).get_json()["audio"])


def test_transcribe_writes_what_was_said(ears: FlaskClient, spoken: str) -> None:
    answer = ears.post("/transcribe", json={"audio": spoken, "language": "en"})
    assert answer.status_code == 200
    body = answer.get_json()
    assert set(body) == {"text", "success"}
    assert {"march", "paid", "tickets", "cat"} <= set(re.findall(r"\w+", body["text"].lower()))


def test_transcribe_batch_keeps_the_order(ears: FlaskClient, voice: FlaskClient) -> None:
    texts = ["The first apple.", "A second banana.", "The third orange."]
    audios = voice.post("/generate_batch", json={"texts": texts}).get_json()["audios"]
    body = ears.post("/transcribe_batch", json={"audios": audios}).get_json()
    assert (body["count"], body["success"]) == (3, True)
    for part, fruit in zip(body["transcriptions"], ("apple", "banana", "orange"), strict=True):
        assert set(part) == {"text"}
        assert fruit in part["text"].lower()


@pytest.mark.parametrize(
    ("rate", "channels", "kind"), [(48000, 2, "WAV"), (8000, 1, "FLAC"), (24000, 1, "OGG")]
)
def test_any_rate_channels_and_format_are_heard(
    ears: FlaskClient, spoken: str, rate: int, channels: int, kind: str
) -> None:
    audio, given = read_wav(spoken)
    times = np.arange(0, len(audio) / given, 1 / rate)
    again = np.interp(times, np.arange(len(audio)) / given, audio).astype(np.float32)
    body = ears.post(
        "/transcribe", json={"audio": sound_base64(again, rate, kind, channels)}
    ).get_json()
    assert "march" in body["text"].lower()


def test_silence_is_an_empty_text(ears: FlaskClient) -> None:
    silence = sound_base64(np.zeros(48000, np.float32))
    assert ears.post("/transcribe", json={"audio": silence}).get_json()["text"] == ""


def test_words_are_positional(ears: FlaskClient, spoken: str) -> None:
    words = ears.post("/align", json={"audio": spoken, "text": TEXT}).get_json()["words"]
    assert [word["word"] for word in words] == TEXT.split()
    audio, rate = read_wav(spoken)
    last = 0.0
    for word in words:
        assert 0 <= last <= word["start"] <= word["end"] <= len(audio) / rate
        assert 0 <= word["score"] <= 1
        last = word["start"]
    dash = words[TEXT.split().index("—")]
    assert dash["aligned"] is False
    assert dash["start"] > 0.5


def test_one_bad_item_never_fails_the_others(ears: FlaskClient, spoken: str) -> None:
    items: list[Any] = [
        {"audio": spoken, "text": TEXT},
        {"audio": "???", "text": "x"},
        {"text": "no audio"},
        "nonsense",
        None,
        {"audio": spoken, "text": "x" * 40001},
        {"audio": spoken, "text": ""},
    ]
    body = ears.post("/align_batch", json={"items": items}).get_json()
    assert (body["count"], body["success"]) == (7, True)
    good, *bad, empty = body["alignments"]
    assert len(good["words"]) == len(TEXT.split())
    assert "error" not in good
    for alignment in bad:
        assert alignment["words"] == []
        assert alignment["error"]
    assert empty == {"words": []}


def test_an_item_too_long_for_the_request_fails_alone(clock_app: MakeApp) -> None:
    client = clock_app("whisperx", request_audio_seconds=10).test_client()
    items = [
        {"audio": sound_base64(np.zeros(24000 * seconds, np.float32)), "text": "a b"}
        for seconds in (5, 8, 1)
    ]
    first, second, third = client.post("/align_batch", json={"items": items}).get_json()[
        "alignments"
    ]
    assert len(first["words"]) == len(third["words"]) == 2
    assert "over 10 seconds of audio" in second["error"]


def test_a_batch_of_bad_items_alone_is_answered_too(ears: FlaskClient) -> None:
    body = ears.post("/align_batch", json={"items": [None]}).get_json()
    assert body["alignments"] == [{"words": [], "error": body["alignments"][0]["error"]}]


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("/transcribe", {"audio": "!!"}, 400, "audio: is not valid base64"),
        ("/transcribe", {"audio": ""}, 400, "audio: is empty"),
        ("/transcribe", {"audio": "aGVsbG8="}, 400, "not an audio file"),
        ("/transcribe", {"audio": 3}, 400, "audio: Input should be a valid string"),
        ("/transcribe_batch", {"audios": []}, 400, "audios: is empty"),
        ("/transcribe_batch", {"audios": ["aGVsbG8="]}, 400, "audios[0]: is not an audio file"),
        ("/transcribe_batch", {"audios": ["x"] * 65}, 413, "65 entries and 64 fit"),
        ("/align", {"audio": "aGVsbG8="}, 400, "text: Field required"),
        ("/align_batch", {"items": {}}, 400, "items: Input should be a valid array"),
        ("/align_batch", {}, 400, "items: Field required"),
    ],
)
def test_bad_input_gets_a_clear_error(
    ears: FlaskClient, path: str, body: Any, status: int, says: str
) -> None:
    answer = ears.post(path, json=body)
    assert answer.status_code == status
    assert says in answer.get_json()["error"]


def test_without_memory_for_it_nothing_is_decoded(clock_app: MakeApp) -> None:
    app = clock_app("whisperx")
    client, total = app.test_client(), host(app).settings.memory_mib * MIB
    out = io.BytesIO()
    soundfile.write(out, np.full(16000 * 100, np.nan), 16000, format="WAV", subtype="FLOAT")
    body = {"audio": base64.b64encode(out.getvalue()).decode()}
    with host(app).gate.memory(total - 12 * MIB):  # the body fits and its audio does not
        assert client.post("/transcribe", json=body).status_code == 503
    answer = client.post("/transcribe", json=body)
    assert answer.status_code == 400
    assert "no numbers" in answer.get_json()["error"]


@pytest.mark.parametrize(
    "file",
    [packed("webm"), packed("m4a", np.zeros(44_100 * 60, np.float32)),
     base64.b64decode(sound_base64(np.zeros(24000, np.float32)))],
    ids=["more expected", "less expected", "as expected"],
)  # fmt: skip
def test_what_is_held_is_what_the_audio_takes(clock_app: MakeApp, file: bytes) -> None:
    app = clock_app("whisperx")
    gate, total = host(app).gate, host(app).settings.memory_mib * MIB
    with ExitStack() as held:
        intake = Intake(host(app), host(app).schedulers["transcribe"].engine, held=held)
        rest = total - intake.decode_file("audio", file).nbytes
        with gate.memory(rest), pytest.raises(QueueFull), gate.memory(1):
            pass
    with gate.memory(total):
        pass
    with pytest.raises(RequestError), ExitStack() as held:
        Intake(host(app), host(app).schedulers["transcribe"].engine, held=held).decode("x", "AAAA")
    with gate.memory(total):
        pass


@pytest.mark.parametrize("language", ["en", "EN", "en-US", "en_GB", None])
def test_english_may_be_said_in_several_ways(
    ears: FlaskClient, spoken: str, language: str | None
) -> None:
    body = {"audio": spoken, "text": TEXT, "language": language}
    assert ears.post("/align", json=body).status_code == 200


@pytest.mark.parametrize("language", ["de", "xx", "", "English please"])
def test_an_unknown_language_is_refused(ears: FlaskClient, spoken: str, language: str) -> None:
    answer = ears.post("/transcribe", json={"audio": spoken, "language": language})
    assert answer.status_code == 400
    assert "knows en only" in answer.get_json()["error"]


def test_it_answers_under_its_prefix_too(ears: FlaskClient) -> None:
    health = ears.get("/whisperx/health").get_json()
    assert (health["engine"], health["model_size"]) == ("whisperx", "tiny.en")
