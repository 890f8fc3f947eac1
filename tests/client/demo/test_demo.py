"""The demo as a user runs it: its options, its exit status, its last line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from examples.narration.options import NARRATION, read_options
from tests.servers import Running, free_ports

DEMO = NARRATION.parent / "demo.py"


def demo(tts: str, whisperx: str, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    data = json.loads(NARRATION.read_text())
    few = folder / "few.json"
    few.write_text(json.dumps({**data, "segments": data["segments"][:4]}))
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "TTS_API_KEY")}
    return subprocess.run(
        [sys.executable, str(DEMO), "--narration", str(few), "--out", str(folder / "out"),
         "--batch", "3", *more],
        env={**clean, "TTS_SERVER_URL": tts, "WHISPER_URL": whisperx},
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_it_says_what_it_made_and_ends_well(cpu_servers: Running, tmp_path: Path) -> None:
    done = demo(cpu_servers.tts, cpu_servers.whisperx, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("Done: 4 segments, ")
    assert done.stdout.count("kept  ") == 4
    assert "text-to-speech: qwen3-tts on cpu at http://" in done.stderr
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {
        "01_s01.wav", "02_s02.wav", "03_s03.wav", "04_s04.wav",
        "alignment.json", "narration.srt", "narration.vtt", "narration.wav",
    }  # fmt: skip


def test_with_shuffled_texts_it_fails(cpu_servers: Running, tmp_path: Path) -> None:
    done = demo(cpu_servers.tts, cpu_servers.whisperx, tmp_path, "--shuffle")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("FAILED: overall word error rate ")


def test_a_server_that_is_not_there_has_an_exit_status_of_its_own(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    nobody = f"http://key:secret@localhost:{port}"
    done = demo(nobody, nobody, tmp_path)
    assert done.returncode == 2
    assert "make run" in done.stderr
    assert "secret" not in done.stderr


def test_the_environment_wins_over_the_command_line() -> None:
    given = ["--tts-url", "http://line", "--whisper-url", "http://line"]
    options = read_options(given, {"TTS_SERVER_URL": "http://env", "TTS_API_KEY": "k"})
    assert (options.tts_url, options.whisper_url) == ("http://env", "http://line")
    assert options.api_key == "k"
    assert "'k'" not in repr(options)
    assert read_options([], {"TTS_PORT": "7000"}).tts_url == "http://localhost:7000"


@pytest.mark.parametrize("wrong", [["--batch", "0"], ["--gap", "-1"], ["--max-wer", "inf"]])
def test_amounts_that_make_no_sense_are_refused(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        read_options(wrong, {})
    assert ended.value.code == 2
