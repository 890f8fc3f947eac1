"""A take that is no good is caught by listening, and made again; without listening it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.e2e.narrate.calls import narrate
from tests.runtime.beside import Beside
from tests.runtime.conftest import started
from tests.servers import Running
from voicehost.app import create_app, host
from voicehost.engines.cpu_voice import CpuVoice
from voicehost.engines.protocol import Audio
from voicehost.settings import VoiceHostSettings

Spoil = Callable[[CpuVoice, Audio], Audio]


def noise(voice: CpuVoice, audio: Audio) -> Audio:
    return np.random.default_rng(5).normal(0, 0.1, len(audio)).astype(np.float32)


def another_text(voice: CpuVoice, audio: Audio) -> Audio:
    return CpuVoice._speak(voice, "The museum is closed on Mondays and on holidays.")


def long_silence(voice: CpuVoice, audio: Audio) -> Audio:
    half = len(audio) // 2
    return np.concatenate([audio[:half], np.zeros(24000 * 4, np.float32), audio[half:]])


SPOILT: Mapping[str, Spoil] = {
    "The old bridge was built by two brothers.": noise,
    "Bring gloves, a water bottle, and a friend.": another_text,
    "Without trees the water was far too warm.": long_silence,
}
FINE = "Thank you for listening, and see you at the river."
TEXTS = [*SPOILT, FINE]


class FirstTakesSpoilt(CpuVoice):
    """The real voice, but for the first take of some texts."""

    def __init__(self) -> None:
        super().__init__()
        self.left = dict(SPOILT)

    def _speak(self, text: str) -> Audio:
        audio = super()._speak(text)
        spoil = self.left.pop(text, None)
        return audio if spoil is None else spoil(self, audio)


@pytest.fixture
def speech(cpu_servers: Running) -> Iterator[Callable[..., str]]:
    """Starts servers of this voice beside the real ears, and gives their URLs."""
    made: list[Beside] = []

    def start(**given: Any) -> str:
        settings = VoiceHostSettings(neighbour_url=cpu_servers.whisperx, **given)
        made.append(Beside(started(create_app(FirstTakesSpoilt(), settings))).start())
        return made[-1].url

    yield start
    for server in made:
        server.stop()
        assert server.app is not None
        assert host(server.app).activity.now().in_flight == 0
        host(server.app).close()


@pytest.mark.parametrize("verify", [0.1, 0.2])
def test_spoilt_takes_are_made_again(speech: Callable[..., str], verify: float) -> None:
    answer = narrate(speech(), {"texts": TEXTS, "verify": verify})
    found = [item["verification"] for item in answer["items"]]
    assert [one["attempts"] for one in found] == [2, 2, 2, 1]
    assert all(one["passed"] and not one["reasons"] for one in found)
    for item, text in zip(answer["items"], TEXTS, strict=True):
        assert [word["word"] for word in item["words"]] == text.split()
        assert all(word["aligned"] for word in item["words"])


def test_without_listening_they_go_out_as_they_are(speech: Callable[..., str]) -> None:
    url = speech()
    spoilt = [item["audio"] for item in narrate(url, {"texts": TEXTS})["items"]]
    good = [item["audio"] for item in narrate(url, {"texts": TEXTS})["items"]]
    assert [a == b for a, b in zip(spoilt, good, strict=True)] == [False, False, False, True]


def test_with_a_single_attempt_the_spoilt_take_comes_with_its_reasons(
    speech: Callable[..., str],
) -> None:
    answer = narrate(speech(), {"texts": TEXTS, "verify": 0.1, "attempts": 1})
    found = [item["verification"] for item in answer["items"]]
    assert [one["passed"] for one in found] == [False, False, False, True]
    assert "word error rate" in found[0]["reasons"][0]
    assert found[1]["heard"].startswith("The museum is closed")
    assert found[1]["word_error_rate"] > 0.5
    assert any("of silence" in reason for reason in found[2]["reasons"])
    assert found[2]["longest_silence"] == pytest.approx(4, abs=0.2)


def test_the_audio_store_never_answers_for_a_second_attempt(
    speech: Callable[..., str], tmp_path: Path
) -> None:
    url = speech(data=tmp_path, store_days=1)
    body = {"texts": TEXTS, "verify": 0.1}
    first = narrate(url, body)["items"]
    assert [item["verification"]["attempts"] for item in first] == [2, 2, 2, 1]
    again = narrate(url, body)["items"]
    assert [item["verification"]["attempts"] for item in again] == [1, 1, 1, 1]
    assert [item["audio"] for item in again] == [item["audio"] for item in first]
