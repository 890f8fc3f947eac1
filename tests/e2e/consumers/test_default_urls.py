"""The team's script, told nothing: 47 segments through http://localhost:5000 and :5001."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import wave
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import jiwer
import pytest
from whisper_normalizer.english import EnglishTextNormalizer

from tests.e2e.conftest import need
from tests.e2e.consumers.alone import alone
from tests.e2e.consumers.default_urls import NARRATION, NUMBERS
from tests.e2e.samples import SECRET
from tests.emulator.children import ROOT

MOST_WRONG = 0.08
RUN_SECONDS = 500
ROUNDING_S = 0.002


@dataclass(frozen=True)
class Narrated:
    folder: Path
    segments: list[dict[str, Any]]

    def seconds(self, segment: dict[str, Any]) -> float:
        with wave.open(str(self.folder / "out" / f"{segment['id']}.wav")) as sound:
            assert (sound.getframerate(), sound.getnchannels()) == (24000, 1)
            return float(sound.getnframes() / sound.getframerate())


def taken(port: int) -> bool:
    """Whether somebody listens there on this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def way() -> list[str]:
    """What to put before the run, so that the clients' default ports are free for it."""
    found = alone()
    busy = [port for port in NUMBERS if taken(port)]
    if found is None and busy:
        need(("", f"free the ports {busy}, or allow `unshare --net` (util-linux)"))
    return found or []


@pytest.fixture(scope="module")
def narrated(node: str, tmp_path_factory: pytest.TempPathFactory) -> Narrated:
    folder = tmp_path_factory.mktemp("narrated")
    run = [sys.executable, "-m", "tests.e2e.consumers.default_urls", str(folder)]
    environment = {name: value for name, value in os.environ.items() if SECRET not in value}
    done = subprocess.run(
        [*way(), *run],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    said = (folder / "said").read_text() if (folder / "said").exists() else ""
    assert done.returncode == 0, f"{done.stderr[-2000:]}\n{said}"
    return Narrated(folder, json.loads((folder / "out" / "narration.json").read_text()))


def texts() -> list[str]:
    return [each["text"] for each in json.loads(NARRATION.read_text())["segments"]]


def wrong(written: list[str], narrated: Narrated) -> float:
    """Wrong words among those that were written, in all segments."""
    plain = EnglishTextNormalizer()
    heard = [plain(segment["heard"]) for segment in narrated.segments]
    return float(jiwer.wer([plain(text) for text in written], heard))


def test_every_segment_is_spoken(narrated: Narrated) -> None:
    assert [segment["text"] for segment in narrated.segments] == texts()
    assert len(narrated.segments) == 47
    for segment in narrated.segments:
        assert narrated.seconds(segment) > 0.04 * len(segment["text"]), segment["id"]


def test_what_was_written_is_heard(narrated: Narrated) -> None:
    assert wrong(texts(), narrated) <= MOST_WRONG


def test_the_measure_notices_segments_in_a_wrong_order(narrated: Narrated) -> None:
    first, *others = texts()
    assert wrong([*others, first], narrated) > 10 * MOST_WRONG


def test_every_word_has_its_time(narrated: Narrated) -> None:
    for segment in narrated.segments:
        words = segment["words"]
        assert [word["word"] for word in words] == segment["text"].split()
        times = [time for word in words for time in (word["start"], word["end"])]
        assert all(0 <= earlier <= later for earlier, later in pairwise(times)), segment["id"]
        assert times[-1] <= narrated.seconds(segment) + ROUNDING_S, segment["id"]


def test_the_key_is_in_nothing_that_the_script_got_or_said(narrated: Narrated) -> None:
    for file in (narrated.folder / "said", *(narrated.folder / "out").iterdir()):
        assert SECRET.encode() not in file.read_bytes(), file.name
    assert SECRET not in (narrated.folder / "proxy.log").read_text()
