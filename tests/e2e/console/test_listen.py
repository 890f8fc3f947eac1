"""Somebody drops audio files and reads, or sees in time, what is said in them."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
from playwright.sync_api import Browser, expect

from tests import web
from tests.e2e.console.visits import WORK_MS, Visit, visit
from tests.servers import Running

SAID = "The quick brown fox jumps over the lazy dog."


@pytest.fixture(scope="module")
def here(chromium: Browser, local_console: str) -> Iterator[Visit]:
    """One page for all of them, as somebody keeps it open."""
    with visit(chromium, local_console) as made:
        made.is_called("On")
        yield made


@pytest.fixture(scope="module")
def wav(cpu_servers: Running, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("said") / "fox.wav"
    answer = web.post(
        f"{cpu_servers.tts}/generate", json={"text": SAID}, timeout=60, trust_env=False
    )
    file.write_bytes(base64.b64decode(answer.json()["audio"]))
    return file


@pytest.fixture(scope="module")
def flac(wav: Path) -> Path:
    file = wav.with_name("the same.flac")
    soundfile.write(file, *soundfile.read(wav))
    return file


def choose(here: Visit, *files: Path, text: str = "") -> None:
    here.page.get_by_label("Drop audio here, or choose files").set_input_files(files)
    here.page.get_by_label(re.compile("What is said in it")).fill(text)


def listen(here: Visit) -> None:
    here.page.get_by_role("button", name="Listen", exact=True).click()


def test_a_dropped_file_is_written_down(here: Visit, wav: Path) -> None:
    data = base64.b64encode(wav.read_bytes()).decode()
    here.script("drop", {"name": "fox.wav", "data": data})
    expect(here.one(".heard > .text").first).to_contain_text("fox", timeout=WORK_MS)
    assert here.complaints == []


def test_several_files_are_written_down_in_their_order(here: Visit, wav: Path, flac: Path) -> None:
    choose(here, wav, flac)
    expect(here.one("#listen-chosen")).to_contain_text("2 files")
    listen(here)
    expect(here.one(".heard > .text").nth(1)).to_contain_text("lazy dog", timeout=WORK_MS)
    assert here.one(".heard h3").all_text_contents() == ["fox.wav", "the same.flac"]


def test_with_its_text_each_word_gets_its_time(here: Visit, flac: Path) -> None:
    choose(here, flac, text=SAID)
    listen(here)
    expect(here.one(".heard .word")).to_have_count(len(SAID.split()), timeout=WORK_MS)
    here.one(".heard .word").filter(has_text="jumps").click()
    expect(here.one(".heard [aria-current]")).to_have_text(re.compile("jumps|over"))


def test_what_was_heard_can_be_timed_afterwards(here: Visit, wav: Path) -> None:
    choose(here, wav)
    listen(here)
    here.page.get_by_role("button", name="Find the time of each word").click(timeout=WORK_MS)
    expect(here.one(".heard .word").first).to_be_visible(timeout=WORK_MS)
    assert here.complaints == []


def test_what_cannot_be_heard_is_refused_in_words(here: Visit, wav: Path, tmp_path: Path) -> None:
    alert = here.one("#listen-alert")
    choose(here)
    listen(here)
    expect(alert).to_contain_text("There is no file yet")
    letter = tmp_path / "letter.pdf"
    letter.write_text("no audio")
    choose(here, letter)
    listen(here)
    expect(alert).to_contain_text("letter.pdf is no WAV, FLAC, OGG or MP3 file")
    choose(here, wav, wav, text=SAID)
    listen(here)
    expect(alert).to_contain_text("A text belongs to one file")


def test_a_file_that_is_too_large_is_told_the_limit(here: Visit) -> None:
    choose(here)
    here.script("drop", {"name": "long.wav", "bytes": 65 * 1024 * 1024})
    expect(here.one("#listen-alert")).to_contain_text("long.wav has 65.0 MiB; 64 MiB fit")


def test_a_broken_file_is_told_by_the_server(here: Visit, tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF no audio")
    choose(here, broken)
    listen(here)
    expect(here.one("#listen-alert")).to_contain_text("audio", timeout=WORK_MS)
