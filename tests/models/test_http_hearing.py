"""The WhisperX server over HTTP, hearing with the true whisperx code."""

from __future__ import annotations

import base64
import re
from typing import Any

import httpx
import pytest

from tests import web
from tests.models.serving import ask, idle, recordings, refused, silence
from tests.servers import Running

SPOKEN = recordings()
LAMP = next(text for text in SPOKEN if "lamp" in text)
WITH_NUMBERS = "The old man climbed 39 stairs — for $5 — carrying a lamp in one hand."


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[a-z']+", text.lower()))


def test_health_names_the_checkpoint(model_servers: Running) -> None:
    body = web.get(f"{model_servers.whisperx}/health").json()
    assert body["model_loaded"] is True
    assert (body["engine"], body["family"], body["device"]) == ("whisperx", "cuda", "cpu")
    assert (body["model_size"], body["gpu_name"]) == ("tiny.en", None)


@pytest.mark.parametrize("text", SPOKEN)
def test_real_speech_is_written_down(model_servers: Running, text: str) -> None:
    body = ask(f"{model_servers.whisperx}/transcribe", {"audio": SPOKEN[text], "language": "en"})
    assert set(body) == {"text", "success"}
    wanted = words_of(text)
    assert len(wanted & words_of(body["text"])) >= 0.8 * len(wanted)


def test_a_batch_of_recordings_is_written_down_in_its_order(model_servers: Running) -> None:
    url, audios = model_servers.whisperx, list(SPOKEN.values())
    batch = ask(f"{url}/transcribe_batch", {"audios": audios})
    assert batch["count"] == len(audios)
    alone = [ask(f"{url}/transcribe", {"audio": audio})["text"] for audio in audios]
    assert [entry["text"] for entry in batch["transcriptions"]] == alone


def test_openais_clients_get_segments_words_and_subtitles(model_servers: Running) -> None:
    def heard(**fields: Any) -> httpx.Response:
        return web.post(
            f"{model_servers.whisperx}/v1/audio/transcriptions",
            data={"model": "whisper-1", **fields},
            files={"file": ("lamp.flac", base64.b64decode(SPOKEN[LAMP]))},
            timeout=120,
        )

    asked = {"timestamp_granularities[]": ["word", "segment"]}
    body = heard(response_format="verbose_json", **asked).json()
    assert len(words_of(LAMP) & words_of(body["text"])) >= 0.8 * len(words_of(LAMP))
    assert " ".join(segment["text"] for segment in body["segments"]) == body["text"]
    assert [word["word"] for word in body["words"]] == body["text"].split()
    times = [second for word in body["words"] for second in (word["start"], word["end"])]
    assert times == sorted(times)
    assert times[-1] <= body["duration"]
    subtitles = heard(response_format="vtt").text
    assert subtitles.startswith("WEBVTT\n\n00:00:0")
    assert words_of(body["text"]) <= words_of(subtitles)


@pytest.mark.parametrize("seconds", [0.01, 2.0])
def test_silence_is_an_empty_text(model_servers: Running, seconds: float) -> None:
    body = {"audio": silence(seconds)}
    assert ask(f"{model_servers.whisperx}/transcribe", body)["text"] == ""


@pytest.mark.parametrize("language", ["en", "de"])
def test_there_is_one_entry_for_each_word_in_order_and_in_time(
    model_servers: Running, language: str
) -> None:
    body = {"audio": SPOKEN[LAMP], "text": WITH_NUMBERS, "language": language}
    words = ask(f"{model_servers.whisperx}/align", body)["words"]
    assert [word["word"] for word in words] == WITH_NUMBERS.split()
    starts = [word["start"] for word in words]
    assert starts == sorted(starts)
    for word in words:
        assert 0 <= word["start"] <= word["end"] <= 4.6
        assert 0 <= word["score"] <= 1


def test_one_bad_item_never_fails_the_others(model_servers: Running) -> None:
    good = {"audio": SPOKEN[LAMP], "text": LAMP}
    items = [good, {"audio": "AAAA", "text": "Hello."}, good]
    body = ask(f"{model_servers.whisperx}/align_batch", {"items": items})
    first, bad, last = body["alignments"]
    assert first == last
    assert len(first["words"]) == len(LAMP.split())
    assert (bad["words"], bool(bad["error"])) == ([], True)


@pytest.mark.parametrize(
    ("call", "known"), [("transcribe", ["en"]), ("align", ["de", "en"])]
)  # fmt: skip
def test_a_language_without_a_model_is_refused_with_those_that_have_one(
    model_servers: Running, call: str, known: list[str]
) -> None:
    body = {"audio": SPOKEN[LAMP], "text": LAMP, "language": "fr"}
    if call == "transcribe":
        del body["text"]
    status, error = refused(f"{model_servers.whisperx}/{call}", body)
    assert status == 400
    assert all(re.search(rf"\b{code}\b", error) for code in known)
    assert idle(model_servers.whisperx)
