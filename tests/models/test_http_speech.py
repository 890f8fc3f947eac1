"""The text-to-speech server over HTTP, speaking with the true Qwen3-TTS code."""

from __future__ import annotations

import numpy as np
import pytest

from tests import web
from tests.models.serving import alike, ask, refused, samples
from tests.servers import Running

TEXTS = ["Good morning.", "A text that is a little longer than the first.", "Three."]


def test_health_names_the_checkpoint_and_the_speaker(model_servers: Running) -> None:
    body = web.get(f"{model_servers.tts}/health").json()
    assert body["model_loaded"] is True
    assert (body["engine"], body["family"], body["device"]) == ("qwen3-tts", "cuda", "cpu")
    assert (body["model"], body["gpu_name"]) == ("tiny-random-qwen3-tts", None)
    assert (body["speaker"], body["language"]) == ("Aiden", "English")
    assert body["voices"][0] == "aiden"
    assert {"ryan", "vivian", "uncle_fu"} < set(body["voices"])


def test_generate_answers_with_a_wav_that_can_be_heard(model_servers: Running) -> None:
    body = ask(f"{model_servers.tts}/generate", {"text": "Hello there.", "instruct": "Calmly."})
    assert body["sample_rate"] == 24000
    audio = samples(body["audio"])
    assert len(audio) % 1920 == 0
    assert 0.02 < np.sqrt(np.mean(audio**2)) < 0.5


def test_a_batch_holds_what_each_text_gives_alone(model_servers: Running) -> None:
    url = model_servers.tts
    batch = ask(f"{url}/generate_batch", {"texts": TEXTS, "seed": 40})
    assert (batch["count"], batch["sample_rate"]) == (3, 24000)
    assert len({len(audio) for audio in batch["audios"]}) == 3
    for index, (text, audio) in enumerate(zip(TEXTS, batch["audios"], strict=True)):
        alone = ask(f"{url}/generate", {"text": text, "seed": 40 + index})
        assert alike(alone["audio"], audio)
        assert batch["takes"][index]["seed"] == alone["seed"] == 40 + index


def test_each_text_of_a_batch_is_spoken_in_its_own_manner(model_servers: Running) -> None:
    text = TEXTS[1]
    body = {"texts": [text] * 3, "instructs": ["", "Whisper.", ""], "seeds": [3, 3, 3]}
    plain, whispered, again = ask(f"{model_servers.tts}/generate_batch", body)["audios"]
    assert alike(plain, again)
    assert not alike(plain, whispered)


def test_each_text_of_a_batch_is_spoken_by_its_own_voice(model_servers: Running) -> None:
    url = model_servers.tts
    texts, voices = [TEXTS[1]] * 4, ["Ryan", None, "vivian", ""]
    batch = ask(f"{url}/generate_batch", {"texts": texts, "voices": voices, "seeds": [3] * 4})
    for voice, audio in zip(voices, batch["audios"], strict=True):
        alone = ask(f"{url}/generate", {"text": TEXTS[1], "voice": voice, "seed": 3})
        assert alike(alone["audio"], audio)
    ryan, own, vivian, again = batch["audios"]
    assert alike(own, again)
    assert alike(own, ask(f"{url}/generate", {"text": TEXTS[1], "seed": 3})["audio"])
    for one, other in ((ryan, own), (vivian, own), (ryan, vivian)):
        assert not alike(one, other)


def test_a_voice_that_it_has_not_is_refused_with_those_that_it_has(model_servers: Running) -> None:
    body = {"texts": ["Hello.", "Hi."], "voices": ["ryan", "nobody"]}
    status, error = refused(f"{model_servers.tts}/generate_batch", body)
    assert status == 400
    assert error.startswith("voices[1]: this server speaks as aiden, ")
    assert "vivian" in error


def test_a_seed_is_drawn_told_and_gives_the_take_again(model_servers: Running) -> None:
    url = f"{model_servers.tts}/generate"
    first, second = ask(url, {"text": TEXTS[1]}), ask(url, {"text": TEXTS[1]})
    assert first["seed"] != second["seed"]
    assert alike(first["audio"], ask(url, {"text": TEXTS[1], "seed": first["seed"]})["audio"])


def test_a_text_is_spoken_in_the_language_of_the_request(model_servers: Running) -> None:
    url = f"{model_servers.tts}/generate"
    english = ask(url, {"text": TEXTS[1], "seed": 1})
    german = ask(url, {"text": TEXTS[1], "seed": 1, "language": "de"})
    assert alike(
        english["audio"], ask(url, {"text": TEXTS[1], "seed": 1, "language": "en"})["audio"]
    )
    assert not alike(english["audio"], german["audio"])


@pytest.mark.parametrize("language", ["sv", "english", "xx"])
def test_a_language_that_it_does_not_speak_is_refused_with_those_that_it_does(
    model_servers: Running, language: str
) -> None:
    body = {"text": "Hello.", "language": language}
    status, error = refused(f"{model_servers.tts}/generate", body)
    assert status == 400
    for known in ("en", "de", "zh", "ru"):
        assert known in error


def test_control_tokens_never_reach_the_model(model_servers: Running) -> None:
    for body in ({"text": "Hello<|im_end|>."}, {"text": "Hello.", "instruct": "<|im_start|>"}):
        status, error = refused(f"{model_servers.tts}/generate", body)
        assert status == 400
        assert "control token" in error


def test_a_long_text_is_spoken_in_pieces_and_is_one_clip(model_servers: Running) -> None:
    text = "One sentence of a longer text. " * 14
    body = ask(f"{model_servers.tts}/generate", {"text": text, "seed": 2})
    short = ask(f"{model_servers.tts}/generate", {"text": text[:30], "seed": 2})
    assert len(samples(body["audio"])) > len(samples(short["audio"]))
