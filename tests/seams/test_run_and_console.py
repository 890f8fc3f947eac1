"""What `make run` starts: both servers, and the client's console beside them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests import web
from tests.servers import free_ports

ROOT = Path(__file__).parents[2]
READY = "GPU Voice is ready"


@contextmanager
def launched(folder: Path, console_port: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The launcher, and what it said until it was ready."""
    tts, whisperx = free_ports(2)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("VOICE_", "TTS_", "WHISPER"))}
    given = {
        **kept,
        "PYTHONPATH": f"{ROOT / 'containers/voice'}:{ROOT / 'client'}",
        "PYTHONUNBUFFERED": "1",
        "TTS_PORT": str(tts),
        "WHISPERX_PORT": str(whisperx),
        "PROXY_PORT": str(console_port),
        "VOICEHOST_RUN": str(folder),
        "VOICE_ENGINE": "clock",
    }
    console = [sys.executable, "-m", "gpuvoice", "proxy", "--local", "--json", "--quiet"]
    with subprocess.Popen(
        [sys.executable, "-m", "voicehost.local", "--beside", *console],
        env=given,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if READY in line:
                break
        try:
            yield process, said
        finally:
            process.terminate()
            process.communicate(timeout=60)


def test_the_makefile_starts_what_is_tested_here() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "voicehost.local --beside $(PY) -m gpuvoice proxy --local --json --quiet" in makefile


def test_the_console_that_is_named_answers_and_knows_the_servers(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with launched(tmp_path, port) as (_, said):
        assert f"console          http://localhost:{port}\n" in said
        page = web.get(f"http://localhost:{port}/")
        status = web.get(f"http://localhost:{port}/api/status").json()
    assert page.headers["Content-Type"].startswith("text/html")
    assert status["mode"] == "local"
    assert status["speech"]["ready"]
    assert status["recognition"]["ready"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_when_the_launcher_ends_the_console_ends(tmp_path: Path, number: signal.Signals) -> None:
    with launched(tmp_path, free_ports(1)[0]) as (process, _):
        family = psutil.Process(process.pid).children(recursive=True)
        assert any("gpuvoice" in each.cmdline() for each in family)
        process.send_signal(number)
        process.wait(60)
        _, left = psutil.wait_procs(family, timeout=30)
    assert not left


def test_without_a_port_for_the_console_the_servers_run_all_the_same(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = int(holder.getsockname()[1])
        with launched(tmp_path, port) as (_, said):
            assert READY in said
    assert "PROXY_PORT" in said
    assert "  console " not in said
