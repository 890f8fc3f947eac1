"""What the real voice said and the real ears heard comes back to the bit, also from a server that
was started anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.stores import Open, kept, opening
from voicehost.app import host
from voicehost.engines.families import hearing_engines, speech_engine
from voicehost.settings import VoiceHostSettings

TEXT = "Was it worth it in 2014? I think so."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def servers(folder: Path) -> Iterator[Open]:
    with opening(folder) as make:
        yield make


def test_a_clip_is_the_same_to_the_byte_in_every_format(servers: Open, folder: Path) -> None:
    first, again = (servers(speech_engine(VoiceHostSettings())) for _ in range(2))
    made = {}
    formats = ("wav", "flac", "mp3", "opus", "aac", "pcm")
    for each in formats:
        body = {"text": TEXT, "format": each}
        answer = first.test_client().post(
            "/generate", json=body, headers={"Cache-Control": "no-store"}
        )
        made[each] = answer.get_json()["audio"]
    first.test_client().post("/generate", json={"text": TEXT})
    kept(folder, 1)
    before = host(again).schedulers["speak"].steps
    for each in formats:
        answer = again.test_client().post("/generate", json={"text": TEXT, "format": each})
        assert answer.get_json()["reused"] is True
        assert answer.get_json()["audio"] == made[each]
    assert host(again).schedulers["speak"].steps == before


def test_words_and_times_are_the_same_to_the_last_digit(
    servers: Open, folder: Path, voice: Any
) -> None:
    audio = voice.post("/generate", json={"text": TEXT}).get_json()["audio"]
    asked: dict[str, dict[str, Any]] = {
        "/transcribe": {"audio": audio},
        "/align": {"audio": audio, "text": TEXT},
    }
    engines = hearing_engines(VoiceHostSettings())
    first = servers(engines)
    made = {
        path: first.test_client().post(path, json=body).get_json() for path, body in asked.items()
    }
    kept(folder, 2)
    again = servers(hearing_engines(VoiceHostSettings()))
    before = {name: each.steps for name, each in host(again).schedulers.items()}
    for path, body in asked.items():
        assert again.test_client().post(path, json=body).get_json() == made[path]
    assert {name: each.steps for name, each in host(again).schedulers.items()} == before
