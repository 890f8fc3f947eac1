"""The team's scripts on axios: generate, verify, align, with real voices and ears."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.e2e.scripts import run_script
from tests.servers import Running

Results = dict[str, Any]
WAV = {
    "riff": "RIFF",
    "wave": "WAVE",
    "whole": True,
    "format": 1,
    "channels": 1,
    "rate": 24000,
    "bytes_a_second": 48000,
    "bytes_a_frame": 2,
    "bits": 16,
}
# What is sent to be spoken, and the words that are then looked for in the audio.
SEGMENTS = (
    ("Speaker 1: Hello there. Amazing.", "Hello there"),
    ("Hello there", "Hello there"),
    ("Speaker 2: Welcome to the weekly report.", "Welcome to the weekly report."),
    ("The quick brown fox jumps over the lazy dog.", ""),
    ("In 2024 the price was $5 - a bargain.", ""),
    ("Please open the settings page,\nthen choose a new colour.", ""),
    ("Dr. Smith's co-workers can't wait!", ""),
    ("Is this the last slide? It is not.", ""),
    ("Our café — naïve as it was — made money.", ""),
    ("Thank you for watching. Amazing.", "Thank you for watching"),
)
TEXTS = [text for text, _ in SEGMENTS]
WORDS = [words or text for text, words in SEGMENTS]
BATCHES = {"generate_batch": len(TEXTS), "instruct": 2, "instructs": 2, "one_by_one": 2}


@pytest.fixture(scope="module")
def workflow(
    node: str, cpu_servers: Running, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    config = {"server_url": cpu_servers.tts, "whisper_url": cpu_servers.whisperx}
    folder = tmp_path_factory.mktemp("scripts")
    return run_script(node, folder, "workflow", config=config, texts=TEXTS, words=WORDS)


def check_words(words: list[dict[str, Any]], text: str, seconds: float) -> None:
    assert [word["word"] for word in words] == text.split()
    times = [time for word in words for time in (word["start"], word["end"])]
    assert all(0 <= earlier <= later for earlier, later in pairwise(times))
    assert times[-1] <= seconds
    assert all(0 <= word["score"] <= 1 for word in words)


def test_health_of_the_voice_names_what_clients_read(workflow: Results) -> None:
    health = workflow["tts_health"]
    assert health["status"] == "ok"
    assert health["model_loaded"] is True
    assert health["engine"] == "qwen3-tts"
    assert {"device", "gpu_name", "speaker", "language"} <= health.keys()


def test_health_of_the_ears_names_what_clients_print(workflow: Results) -> None:
    health = workflow["whisperx_health"]
    assert health["status"] == "ok"
    assert health["model_loaded"] is True
    assert health["engine"] == "whisperx"
    assert {"model_size", "gpu_name"} <= health.keys()


def test_one_text_is_a_wav_file(workflow: Results) -> None:
    answer = workflow["generate"]
    assert answer["success"] is True
    assert answer["sample_rate"] == 24000
    assert answer["audio"].items() >= WAV.items()


@pytest.mark.parametrize("name", BATCHES)
def test_a_batch_is_one_wav_file_a_text(workflow: Results, name: str) -> None:
    answer = workflow[name]
    assert answer["success"] is True
    assert answer["sample_rate"] == 24000
    assert answer["count"] == len(answer["audios"]) == BATCHES[name]
    for audio in answer["audios"]:
        assert audio.items() >= WAV.items()
        assert audio["seconds"] > 0.3
        assert audio["peak"] > 0.05


def test_how_the_model_is_driven_does_not_change_what_comes_back(workflow: Results) -> None:
    one_by_one = [audio["seconds"] for audio in workflow["one_by_one"]["audios"]]
    together = [audio["seconds"] for audio in workflow["generate_batch"]["audios"][:2]]
    assert one_by_one == pytest.approx(together, rel=0.3)


def test_decorations_are_not_spoken(workflow: Results) -> None:
    heard = [found["text"] for found in workflow["transcribe_batch"]["transcriptions"]]
    for index in (0, 1):
        assert heard[index].strip(". ").lower() == "hello there"
    assert "amazing" not in heard[9].lower()
    assert "speaker" not in heard[2].lower()


def test_what_was_spoken_is_heard(workflow: Results) -> None:
    assert workflow["transcribe"]["success"] is True
    assert "hello there" in workflow["transcribe"]["text"].lower()


def test_a_batch_is_heard_in_its_order(workflow: Results) -> None:
    answer = workflow["transcribe_batch"]
    assert answer["success"] is True
    assert answer["count"] == len(answer["transcriptions"]) == len(TEXTS)
    heard = [found["text"].lower() for found in answer["transcriptions"]]
    for index, word in {2: "weekly", 3: "fox", 5: "settings", 7: "slide", 9: "watching"}.items():
        assert word in heard[index]


def test_one_text_is_aligned(workflow: Results) -> None:
    assert workflow["align"]["success"] is True
    seconds = workflow["generate_batch"]["audios"][0]["seconds"]
    check_words(workflow["align"]["words"], WORDS[0], seconds)


@pytest.mark.parametrize("index", range(len(WORDS)))
def test_words_are_positional(workflow: Results, index: int) -> None:
    answer = workflow["align_batch"]
    assert answer["success"] is True
    assert answer["count"] == len(answer["alignments"]) == len(WORDS)
    seconds = workflow["generate_batch"]["audios"][index]["seconds"]
    check_words(answer["alignments"][index]["words"], WORDS[index], seconds)


@pytest.mark.parametrize("index", [1, 2])
def test_a_bad_item_gets_an_error_of_its_own(workflow: Results, index: int) -> None:
    alignment = workflow["align_mixed"]["alignments"][index]
    assert alignment["words"] == []
    assert "audio" in alignment["error"]


def test_a_bad_item_does_not_fail_the_others(workflow: Results) -> None:
    answer = workflow["align_mixed"]
    assert answer["success"] is True
    assert answer["count"] == len(answer["alignments"]) == 4
    for index, text in ((0, WORDS[0]), (3, WORDS[1])):
        assert "error" not in answer["alignments"][index]
        assert [word["word"] for word in answer["alignments"][index]["words"]] == text.split()
