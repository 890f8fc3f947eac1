"""A page in headless Chromium that calls the servers from another origin, with real voices."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.pages import HOME
from tests.e2e.visits import Browser
from tests.servers import Running

Results = dict[str, Any]
TEXTS = [
    "Speaker 1: Hello there. Amazing.",
    "The quick brown fox jumps over the lazy dog.",
    "In 2024 the price was $5 - a bargain.",
]
WORDS = ["Hello there", *TEXTS[1:]]
BOTH = ("tts", "whisperx")
REFUSALS = (
    ("empty text", 400, "empty"),
    ("malformed", 400, "not valid JSON"),
    ("bad base64", 400, "audio"),
    ("no such page", 404, "/docs"),
    ("no such path", 404, "/docs"),
    ("wrong method", 405, "use POST"),
    ("long text", 413, "5000 fit"),
)


def visit(browser: Browser, running: Running, scenario: str, **task: Any) -> Results:
    return browser.visit(HOME, scenario, tts=running.tts, whisperx=running.whisperx, **task)


@pytest.fixture(scope="module")
def workflow(browser: Browser, cpu_servers: Running) -> Results:
    return visit(browser, cpu_servers, "workflow", texts=TEXTS, words=WORDS)


@pytest.fixture(scope="module")
def refusals(browser: Browser, cpu_servers: Running) -> Results:
    return visit(browser, cpu_servers, "refusals")


@pytest.mark.parametrize("server", BOTH)
def test_a_page_reads_health(workflow: Results, server: str) -> None:
    answer = workflow[f"{server} health"]
    assert answer["status"] == 200
    assert answer["type"] == "cors"
    assert answer["body"]["model_loaded"] is True
    assert "gpu_name" in answer["body"]


def test_a_page_has_a_text_spoken(workflow: Results) -> None:
    answer = workflow["generate"]
    assert answer["status"] == 200
    assert answer["body"]["success"] is True
    assert answer["body"]["sample_rate"] == 24000


def test_a_page_has_all_its_segments_spoken(workflow: Results) -> None:
    body = workflow["generate_batch"]["body"]
    assert body["success"] is True
    assert body["count"] == len(body["audios"]) == len(TEXTS)


def test_a_page_reads_its_place_in_the_queue(workflow: Results) -> None:
    headers = workflow["generate"]["headers"]
    assert int(headers["X-Queue-Position"]) >= 0
    assert float(headers["X-Queue-Wait-Seconds"]) >= 0


def test_a_page_may_name_its_request(workflow: Results) -> None:
    assert workflow["generate"]["headers"]["X-Request-Id"] == "a-page"
    assert workflow["generate_batch"]["headers"]["X-Request-Id"]


def test_a_browser_decodes_the_wav_file(workflow: Results) -> None:
    decoded = workflow["decoded"]
    assert decoded["duration"] > 0.3
    assert decoded["numberOfChannels"] == 1
    assert decoded["sampleRate"] == 24000
    assert decoded["peak"] > 0.05


def test_an_audio_element_takes_the_wav_file(workflow: Results) -> None:
    assert workflow["played"]["duration"] == pytest.approx(workflow["decoded"]["duration"], abs=0.1)


def test_a_page_has_audio_written_down(workflow: Results) -> None:
    assert "hello there" in workflow["transcribe"]["body"]["text"].lower()
    body = workflow["transcribe_batch"]["body"]
    assert body["count"] == len(body["transcriptions"]) == len(TEXTS)
    assert "fox" in body["transcriptions"][1]["text"].lower()


def test_a_page_has_one_text_aligned(workflow: Results) -> None:
    found = [word["word"] for word in workflow["align"]["body"]["words"]]
    assert found == WORDS[0].split()


@pytest.mark.parametrize("index", range(len(WORDS)))
def test_words_are_positional(workflow: Results, index: int) -> None:
    words = workflow["align_batch"]["body"]["alignments"][index]["words"]
    assert [word["word"] for word in words] == WORDS[index].split()


@pytest.mark.parametrize(("name", "status", "words"), REFUSALS, ids=[row[0] for row in REFUSALS])
def test_a_page_sees_why_it_is_refused(
    refusals: Results, name: str, status: int, words: str
) -> None:
    answer = refusals[name]
    assert answer.get("status") == status, answer
    assert answer["body"]["success"] is False
    assert words in answer["body"]["error"]
    assert answer["headers"]["X-Request-Id"]
