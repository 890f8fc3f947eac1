"""Narrations and formats through the library, against the true servers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import soundfile

from gpuvoice import ClientConfig, RequestRefused, ServerFailed, Speech
from tests.servers import Running

TEXT = "First {#plan}plan it{planned#}, then {#ship}ship it."
GOOD = {
    "success": True, "audio": "", "format": "wav", "sample_rate": 24000, "duration": 1.0,
    "text": "One two", "markers": [], "vtt": "WEBVTT", "srt": "", "seed": 0,
    "words": [{"word": "One", "start": 0.0, "end": 0.5, "score": 1.0}],
}  # fmt: skip


def config(url: str) -> ClientConfig:
    return ClientConfig.resolve(speech_url=url, environ={}, folder=Path("/"))


@pytest.fixture
def speech(cpu_servers: Running) -> Iterator[Speech]:
    with Speech(config(cpu_servers.tts)) as made:
        yield made


def test_a_text_has_words_markers_and_subtitles(speech: Speech) -> None:
    made = speech.narrate(TEXT, format="flac", verify=0.5)
    assert made.clip is not None
    assert soundfile.info(io.BytesIO(made.clip.audio)).duration == pytest.approx(
        made.duration_seconds, abs=0.01
    )
    assert made.text == "First plan it, then ship it."
    assert [word.word for word in made.words] == made.text.split()
    plan, planned, ship = made.markers
    assert [(each.id, each.edge, each.word) for each in made.markers] == [
        ("plan", "start", 1), ("planned", "end", 2), ("ship", "start", 4),
    ]  # fmt: skip
    assert plan.time == made.words[1].start
    assert planned.time == made.words[2].end
    assert ship.time == made.words[4].start
    assert made.vtt.startswith("WEBVTT")
    assert "-->" in made.srt
    assert made.verification["attempts"] == 1


def test_of_several_each_has_its_place(speech: Speech) -> None:
    one, two = speech.narrate_batch(["One {#a}two.", "Three."])
    assert (one.text, two.text) == ("One two.", "Three.")
    assert [marker.id for marker in one.markers] == ["a"]
    assert two.verification == {}
    with pytest.raises(RequestRefused, match=r"texts\[1\]"):
        speech.narrate_batch(["One.", "{#a b} two."])


def test_clips_come_in_the_format_that_was_asked_for(speech: Speech) -> None:
    clip = speech.generate("One.", format="flac")
    assert (clip.format, clip.audio[:4]) == ("flac", b"fLaC")
    assert repr(clip).startswith("Clip(flac, ")
    assert [each.audio[:4] for each in speech.generate_batch(["One."], format="opus")] == [b"OggS"]
    assert speech.generate("One.").format == "wav"


@pytest.mark.parametrize("answer", [GOOD, {**GOOD, "markers": None}, {**GOOD, "words": [{}]}])
def test_an_answer_that_cannot_be_read_is_the_servers_fault(answer: dict[str, object]) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=answer))
    with (
        Speech(config("http://localhost:1"), transport=transport) as speech,
        pytest.raises(ServerFailed),
    ):
        speech.narrate("One two")


def test_one_that_failed_says_so_in_its_place() -> None:
    good = {**GOOD, "text": "One"}
    answer = {"success": True, "items": [{"error": "It failed.", "status": 500}, good]}
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=answer))
    with Speech(config("http://localhost:1"), transport=transport) as speech:
        failed, made = speech.narrate_batch(["x", "One"])
        with pytest.raises(ServerFailed, match="other than 1"):
            speech.narrate_batch(["x"])
    assert (failed.clip, failed.error) == (None, "It failed.")
    assert made.clip is not None
