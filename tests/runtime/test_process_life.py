"""Starting and stopping: what a person sees, and that nothing stays behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests import web
from tests.patience import until
from tests.servers import free_ports, running_servers
from voicehost.keys import new_key

ROOT = Path(__file__).parents[2]


def environment(folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    tts, whisperx = free_ports(2)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VOICE_")}
    return {
        **kept,
        "PYTHONPATH": str(ROOT / "containers/voice"),
        "PYTHONUNBUFFERED": "1",
        "TTS_PORT": str(tts),
        "WHISPERX_PORT": str(whisperx),
        "VOICEHOST_RUN": str(folder),
        "VOICE_ENGINE": "clock",
        **more,
    }


def launcher(given: Mapping[str, str], *command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "voicehost.local", *command],
        env=given,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_until(process: subprocess.Popen[str], words: str) -> str:
    lines = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return "".join(lines)
    raise AssertionError("".join(lines))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_when_the_launcher_ends_no_process_is_left(tmp_path: Path, number: signal.Signals) -> None:
    process = launcher(environment(tmp_path, {}))
    read_until(process, "GPU Voice is ready")
    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) >= 6
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    _, left = psutil.wait_procs(family, timeout=30)
    assert not left
    if number is not signal.SIGKILL:
        assert process.returncode == 0
        assert output.endswith("GPU Voice is stopped.\n")


def test_a_second_start_finds_the_first(tmp_path: Path) -> None:
    given = environment(tmp_path, {})
    first = launcher(given)
    try:
        read_until(first, "GPU Voice is ready")
        second = launcher(given)
        output, _ = second.communicate(timeout=60)
        assert second.returncode == 0
        assert "running already" in output
        assert first.poll() is None
    finally:
        first.terminate()
        first.communicate(timeout=60)


def test_a_taken_port_is_explained(tmp_path: Path) -> None:
    given = environment(tmp_path, {})
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", int(given["TTS_PORT"])))
        holder.listen()
        process = launcher(given)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"port {given['TTS_PORT']} cannot be used" in output
    assert "TTS_PORT=" in output


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ({"VOICE_QUEUE_ITEMS": "lots"}, "VOICE_QUEUE_ITEMS"),
        ({"VOICE_HOST": "0.0.0.0"}, "VOICE_KEYS"),
        ({"VOICE_TYPO": "1"}, "VOICE_TYPO is not a setting"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_a_message(
    tmp_path: Path, setting: Mapping[str, str], says: str
) -> None:
    process = launcher(environment(tmp_path, setting))
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert says in output
    assert "Traceback" not in output


def test_a_command_runs_against_servers_of_its_own_and_gives_its_status(tmp_path: Path) -> None:
    code = (
        "import os, sys, urllib.request;"
        "print(urllib.request.urlopen(os.environ['TTS_SERVER_URL'] + '/ready').status); sys.exit(7)"
    )
    process = launcher(environment(tmp_path, {}), sys.executable, "-c", code)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 7
    assert "200" in output


def test_a_command_that_is_interrupted_has_not_succeeded(tmp_path: Path) -> None:
    code = "print('under way', flush=True); import time; time.sleep(60)"
    process = launcher(environment(tmp_path, {}), sys.executable, "-c", code)
    read_until(process, "under way")
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert process.returncode in (128 + signal.SIGINT, 128 + signal.SIGTERM)
    assert "Traceback" not in output


def test_servers_that_are_named_are_used_and_none_is_started(tmp_path: Path) -> None:
    named = {"TTS_SERVER_URL": "http://localhost:1/tts", "WHISPER_URL": "http://localhost:1"}
    code = "import os; print(os.environ['TTS_SERVER_URL'])"
    process = launcher(environment(tmp_path, named), sys.executable, "-c", code)
    output, _ = process.communicate(timeout=60)
    assert output == "http://localhost:1/tts\n"


def test_another_loopback_address_works_too(tmp_path: Path) -> None:
    process = launcher(environment(tmp_path, {"VOICE_HOST": "127.0.0.2"}))
    output = read_until(process, "GPU Voice is ready")
    assert "http://127.0.0.2:" in output
    process.terminate()
    process.communicate(timeout=60)


def test_a_server_that_never_starts_ends_both_with_status_1(tmp_path: Path) -> None:
    wrong = {"VOICEHOST_PYTHON": sys.executable, "VOICE_START_SECONDS": "3", "VOICE_AUDIOS": "x"}
    done = subprocess.run(
        ["/bin/sh", str(ROOT / "containers/voice/run.sh")],
        env=environment(tmp_path, wrong), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "failed again and again" in done.stderr
    assert "VOICE_AUDIOS" in done.stdout


def test_gunicorn_refuses_an_open_door_however_it_is_told(tmp_path: Path) -> None:
    port = str(free_ports(1)[0])
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "-c", "containers/voice/gunicorn.conf.py",
         "--bind", f"0.0.0.0:{port}", "voicehost.wsgi:tts()"],
        env=environment(tmp_path, {}), cwd=ROOT, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "Without keys" in done.stdout + done.stderr


def refuses(url: str) -> bool:
    """Whether a caller is turned away; one who waits in vain is not."""
    try:
        web.get(f"{url}/health", timeout=5)
    except httpx.ConnectError:
        return True
    except httpx.HTTPError:
        return False
    return False


def test_a_stopping_server_finishes_what_runs_and_what_waits(tmp_path: Path) -> None:
    answers: list[Any] = []
    clear, digest = new_key()
    settings = {
        "VOICE_ENGINE": "clock",
        "VOICE_BATCH_ROWS": "1",
        "VOICE_HEARTBEAT_SECONDS": "1",
        "VOICE_GRACEFUL_SECONDS": "60",
        "VOICE_KEYS": f"alice={digest}",
    }
    with running_servers(tmp_path, settings) as running:
        body = {"text": "A text of some seconds."}
        headers = {"X-API-Key": clear}
        url = f"{running.tts}/generate"
        calls = [
            threading.Thread(
                target=lambda: answers.append(web.post(url, json=body, headers=headers, timeout=90))
            )
            for _ in range(3)
        ]
        for call in calls:
            call.start()
        internal = {"X-Voice-Internal": "1"}
        path = f"{running.tts}/internal/activity"
        until(lambda: web.get(path, headers=internal).json()["queue_depth"] == 2)
        manager = running.processes._process
        assert manager is not None
        manager.terminate()
        until(lambda: refuses(running.tts))
        assert len(answers) < len(calls)
    for call in calls:
        call.join()
    assert [answer.json()["success"] for answer in answers] == [True] * 3
