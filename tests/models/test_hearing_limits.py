"""What the server with the `cuda` ears refuses: before it queues, or before it is ready."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import nltk
import numpy as np
import pytest
from flask.testing import FlaskClient

from tests.models.hearing_loaded import model_folder, quietly, tone_folder
from tests.models.hearing_tones import RATE, spoken_in_tones
from tests.patience import until
from voicehost.app import create_app, host
from voicehost.audio.wav import wav_base64
from voicehost.engines.clock import ClockTranscriber
from voicehost.engines.cuda.hearing.aligner import CudaAligner
from voicehost.engines.protocol import HearingEngines, LoadError
from voicehost.settings import VoiceHostSettings

MOST_SECONDS = 3.0


@pytest.fixture(scope="module")
def server() -> Iterator[FlaskClient]:
    model_folder()
    aligner = CudaAligner(tone_folder(), device="cpu", most_seconds=MOST_SECONDS)
    app = create_app(HearingEngines(ClockTranscriber(), aligner), VoiceHostSettings())
    for scheduler in host(app).schedulers.values():
        scheduler.start()
    until(lambda: host(app).ready, 120)
    yield app.test_client()
    host(app).close()


def seconds(count: float) -> str:
    return wav_base64(np.zeros(round(count * RATE), np.float32), RATE)


def test_words_come_back_through_the_contract(server: FlaskClient) -> None:
    audio, times = spoken_in_tones(["in", "two", "steps"])
    asked = {"audio": wav_base64(audio, RATE), "text": "In 2 steps", "language": "en"}
    body = server.post("/align", json=asked).get_json()
    assert body["success"] is True
    assert [word["word"] for word in body["words"]] == ["In", "2", "steps"]
    for word, (start, _) in zip(body["words"], times, strict=True):
        assert word["aligned"]
        assert abs(word["start"] - start) < 0.1


def test_audio_that_is_too_long_to_align_is_refused(server: FlaskClient) -> None:
    answer = server.post("/align", json={"audio": seconds(3.1), "text": "a"})
    assert answer.status_code == 413
    assert "longer than 3 seconds" in answer.get_json()["error"]
    assert server.post("/align", json={"audio": seconds(3.0), "text": "a"}).status_code == 200


def test_one_item_that_is_too_long_does_not_fail_the_others(server: FlaskClient) -> None:
    items = [{"audio": seconds(count), "text": "a"} for count in (1, 4, 2)]
    alignments = server.post("/align_batch", json={"items": items}).get_json()["alignments"]
    assert [len(part["words"]) for part in alignments] == [1, 0, 1]
    assert "longer than 3 seconds" in alignments[1]["error"]


def test_the_transcriber_has_no_such_limit(server: FlaskClient) -> None:
    assert server.post("/transcribe", json={"audio": seconds(4)}).status_code == 200


def test_a_language_without_an_alignment_model_is_refused_by_name(server: FlaskClient) -> None:
    item = {"audio": seconds(1), "text": "a"}
    for path, body in (("/align", item), ("/align_batch", {"items": [item]})):
        answer = server.post(path, json={**body, "language": "fr"})
        assert answer.status_code == 400
        assert "en, de" in answer.get_json()["error"]


def test_a_region_does_not_matter(server: FlaskClient) -> None:
    asked = {"audio": seconds(1), "text": "a", "language": "de-AT"}
    assert server.post("/align", json=asked).status_code == 200


def why_not(folder: Path, language: str = "en") -> str:
    model_folder()
    with pytest.raises(LoadError) as error:
        CudaAligner(folder, device="cpu", language=language).load(quietly)
    return str(error.value)


def test_a_missing_default_language_is_named_with_its_setting() -> None:
    message = why_not(tone_folder(), "fr")
    assert str(tone_folder() / "fr") in message
    assert "VOICE_ALIGN_MODELS" in message


@pytest.mark.parametrize("missing", ["vocab.json", "model.safetensors"])
def test_a_missing_file_is_noticed_at_the_start(tmp_path: Path, missing: str) -> None:
    shutil.copytree(tone_folder() / "en", tmp_path / "en")
    (tmp_path / "en" / missing).unlink()
    assert str(tmp_path / "en") in why_not(tmp_path)


def test_weights_that_are_no_numbers_are_noticed_at_the_start(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    shutil.copytree(tone_folder() / "en", tmp_path / "en")
    file = tmp_path / "en/model.safetensors"
    weights = load_file(file)
    weights["lm_head.bias"] = np.full_like(weights["lm_head.bias"], np.nan)
    save_file(weights, file, metadata={"format": "pt"})
    assert "no numbers" in why_not(tmp_path)


def test_missing_sentence_data_is_named_and_not_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nltk.data, "path", [])
    monkeypatch.setattr(nltk, "download", lambda *arguments, **named: pytest.fail("asked"))
    assert "NLTK_DATA" in why_not(tone_folder())


def test_the_package_does_not_print_the_texts_it_aligns(
    server: FlaskClient, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("whisperx.alignment").warning("a secret text")
    noise = np.random.default_rng(0).normal(0, 0.1, RATE).astype(np.float32)
    text = "confidential " * 3
    server.post("/align", json={"audio": wav_base64(noise, RATE), "text": text})
    printed = "".join(capfd.readouterr()) + caplog.text
    assert "secret" not in printed
    assert "confidential" not in printed
