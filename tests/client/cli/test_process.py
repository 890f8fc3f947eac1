"""The command as a process: signals, pipes, exit codes, and what it loads."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gpuvoice.cli.commands import COMMANDS
from tests.client.cli.deployment import Deployment
from tests.patience import until
from tests.servers import Running

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "gpuvoice"]


def environ(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "client"), "COLUMNS": "80", **more}


def gpuvoice(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments], input=stdin, capture_output=True, env=environ(), check=False
    )


def test_audio_goes_through_a_pipe(local: Running) -> None:
    spoken = gpuvoice("say", "Good morning.", "-o", "-", "-q")
    assert (spoken.returncode, spoken.stdout[:4], spoken.stderr) == (0, b"RIFF", b"")
    heard = gpuvoice("transcribe", "-", stdin=spoken.stdout)
    assert b"morning" in heard.stdout.lower()


def test_a_failure_is_one_sentence_and_its_code() -> None:
    done = gpuvoice("transcribe", "nothing.wav", "--json")
    assert (done.returncode, done.stderr) == (
        2,
        b"gpuvoice: nothing.wav cannot be read: No such file or directory.\n",
    )
    assert json.loads(done.stdout)["exit_code"] == 2


def test_the_version_is_told() -> None:
    assert gpuvoice("--version").stdout == b"gpuvoice, version 0.1.0\n"


@pytest.mark.parametrize("command", [["up"], ["say", "One."]])
def test_ctrl_c_ends_the_waiting_with_130(cloud: Deployment, command: list[str]) -> None:
    cloud.starts = False
    with subprocess.Popen(
        [*COMMAND, *command], env=environ(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        until(lambda: len(cloud.calls) > 1 or "POST /tts/generate" in cloud.calls)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert out == b""
    assert err.decode().splitlines()[-1] == "gpuvoice: Interrupted."
    assert b"Traceback" not in err


def test_watching_in_a_pipe_writes_a_line_for_each_change(cloud: Deployment) -> None:
    cloud.house.call("/power/start")
    with subprocess.Popen(
        [*COMMAND, "status", "--watch"], env=environ(), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        first, second = process.stdout.readline(), process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 0
    assert "starting, capacity asked, about" in first
    assert "starting, instance running, about" in second


def test_a_reader_that_goes_away_is_no_error_to_tell(local: Running) -> None:
    words = ["align", "-", "-f", "long.txt"]
    Path("long.txt").write_text("One, two. " * 2000)
    wav = gpuvoice("say", "One, two.", "-o", "-").stdout
    with subprocess.Popen(
        [*COMMAND, *words], env=environ(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.close()
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(wav)
        process.stdin.close()
        err = process.stderr.read()
    assert err == b""


def test_help_loads_no_command() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from gpuvoice.cli.main import cli;"
        "assert CliRunner().invoke(cli, ['--help']).exit_code == 0;"
        "print([n for n in sys.modules if n.startswith(('gpuvoice.cli', 'uvicorn'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environ(), check=True
    )
    known = ["gpuvoice.cli", "gpuvoice.cli.main", "gpuvoice.cli.loading", "gpuvoice.cli.commands"]
    assert sorted(eval(done.stdout)) == sorted(known)  # noqa: S307 - a list of names of ours


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_that_the_shell_takes(shell: str) -> None:
    done = gpuvoice("completion", shell)
    assert done.returncode == 0
    assert b"_GPUVOICE_COMPLETE" in done.stdout


def test_tab_completes_commands_and_options() -> None:
    kinds: set[str] = set()

    def completed(words: str, number: int) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", "from gpuvoice.cli.main import main; main()"],
            env=environ(_GPUVOICE_COMPLETE="bash_complete", COMP_WORDS=words,
                        COMP_CWORD=str(number)),
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        kinds.update(line.partition(",")[0] for line in done.stdout.splitlines())
        return [line.partition(",")[2] for line in done.stdout.splitlines()]

    assert completed("gpuvoice ", 1) == list(COMMANDS)
    assert completed("gpuvoice st", 1) == ["status"]
    assert "--instruct" in completed("gpuvoice say --ins", 2)
    for words in ("transcribe a", "align a", "say -f a", "say -o a", "say --api-key-file a"):
        kinds.clear()
        completed(f"gpuvoice {words}", len(words.split()))
        assert kinds == {"file"}, words
