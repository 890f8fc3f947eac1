"""`gpuvoice narrate` as people and programs meet it: what it prints where, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from gpuvoice import Waiting
from gpuvoice.cli.main import cli
from gpuvoice.narration import Segment
from gpuvoice.narration.display import Bar, Lines
from gpuvoice.narration.outcome import Outcome
from tests.client.narration.desk import TEXTS
from tests.servers import Running

# The normalizer's source holds "\X", of which Python warns when it compiles it.
pytestmark = pytest.mark.filterwarnings("ignore:invalid escape sequence")


def narrate(running: Running, folder: Path, texts: dict[str, str], *more: str) -> Result:
    script = folder / "talk.json"
    script.write_text(json.dumps([{"id": name, "text": text} for name, text in texts.items()]))
    return CliRunner().invoke(
        cli,
        ["narrate", str(script), "-d", str(folder / "out"), "--tts-url", running.tts,
         "--whisper-url", running.whisperx, *more],
    )  # fmt: skip


def test_talk_goes_to_stderr_and_stdout_is_empty(cpu_servers: Running, tmp_path: Path) -> None:
    done = narrate(cpu_servers, tmp_path, TEXTS)
    assert (done.exit_code, done.stdout) == (0, "")
    lines = done.stderr.splitlines()
    assert [line.split()[0] for line in lines] == ["1/3", "2/3", "3/3", "Done:"]
    assert lines[-1].startswith("Done: 3 segments, ")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "alignment.json", "clips", "narration.lock", "narration.srt", "narration.state.json",
        "narration.vtt", "narration.wav", "report.json",
    ]  # fmt: skip


def test_json_is_the_report_and_nothing_else(cpu_servers: Running, tmp_path: Path) -> None:
    done = narrate(cpu_servers, tmp_path, TEXTS, "--json", "-q", "--verify", "0.3")
    assert done.stderr == ""
    told = json.loads(done.stdout)
    assert told == json.loads((tmp_path / "out/report.json").read_text())
    assert (told["success"], told["segments"], told["takes"]) == (True, 3, 3)
    for item in told["items"]:
        assert item["attempts"] == 1
        assert item["duration"] > 0.5
        assert item["real_time_factor"] > 0
        assert item["word_error_rate"] <= 0.3


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_what_is_not_as_it_should_be_is_a_table_and_exit_code_8(
    cpu_servers: Running, tmp_path: Path, more: tuple[str, ...]
) -> None:
    texts = {**TEXTS, "two": "Qwrt zxcv bnmp.", "four": "..."}
    done = narrate(cpu_servers, tmp_path, texts, "--verify", "0.3", *more)
    assert done.exit_code == 8
    assert "Not as it should be" in done.stderr
    assert "word error rate" in done.stderr
    assert "has no letter or digit" in done.stderr
    if more:
        assert json.loads(done.stdout)["faulty"] == ["two", "four"]
    else:
        assert "narration.wav was not written" in done.stderr.splitlines()[-1]


def test_a_script_with_a_mistake_ends_before_any_call(tmp_path: Path) -> None:
    script = tmp_path / "talk.json"
    script.write_text('[{"id": "s01", "text": ""}]')
    nowhere: Any = ["--url", "http://localhost:9"]
    done = CliRunner().invoke(cli, ["narrate", str(script), "-d", str(tmp_path / "o"), *nowhere])
    assert done.exit_code == 2
    assert "segment 's01' has no text" in done.stderr
    assert not (tmp_path / "o").exists()


WAITING = Waiting(5.0, "starting", "The GPU is starting.", 125.0)


def test_the_bar_says_what_is_done_or_waited_for() -> None:
    bar = Bar(3, Console(quiet=True))
    bar.doing("a", "speaking")
    bar.doing("b", "speaking")
    bar.doing("c", "timing")
    assert bar.now() == "2 speaking, 1 timing"
    bar.done(Outcome(Segment("c", "C.")))
    assert bar.now() == "2 speaking"
    bar.waits(WAITING)
    assert bar.now().startswith("GPU starting: The GPU is starting. About 2 min ")
    bar.waits(Waiting(0.0, "", "It is over."))
    assert bar.now() == "2 speaking"


def test_on_a_pipe_a_reason_to_wait_is_told_once() -> None:
    said: list[str] = []
    lines = Lines(3, said.append)
    for left in (125.0, 120.0, 115.0):
        lines.waits(Waiting(5.0, "starting", f"The GPU is starting ({left:.0f} s).", left))
    assert said == ["GPU starting: The GPU is starting (125 s). About 2 min 5 s yet."]
