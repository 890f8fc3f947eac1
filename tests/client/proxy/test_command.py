"""`gpuvoice proxy` as people start it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from gpuvoice.errors import ConfigError
from gpuvoice.proxy.settings import ProxySettings
from tests import web
from tests.client.proxy.raw import open_call
from tests.client.proxy.running import SECRET
from tests.client.proxy.scripted import Line, Scripted
from tests.patience import until
from tests.servers import free_ports

CLIENT = Path(__file__).parents[3] / "client"
NAMES = ("TTS_PORT", "WHISPERX_PORT", "PROXY_PORT")


def start(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("TTS_", "WHISPER", "GPUVOICE"))
    }
    ports = dict(zip(NAMES, map(str, free_ports(3)), strict=True))
    return subprocess.Popen(
        [sys.executable, "-m", "gpuvoice", "proxy", *arguments],
        env={**kept, **ports, "HOME": str(folder), "PYTHONPATH": str(CLIENT), **environment},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def refused(folder: Path, *arguments: str, **environment: str) -> str:
    """What it says when it does not start."""
    with start(folder, *arguments, **environment) as process:
        out, error = process.communicate(timeout=60)
    assert process.returncode == 2, error
    assert out == ""
    assert "Traceback" not in error
    return error


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_ends_in_order(
    upstream: Scripted, tmp_path: Path, number: int
) -> None:
    upstream.on["/generate"] = [lambda line: line.tell(200, {"success": True})]
    ports = dict(zip(NAMES, map(str, free_ports(3)), strict=True))
    process = start(tmp_path, "--json", "--tts-url", upstream.url, "--whisper-url", upstream.url,
                    TTS_API_KEY=SECRET, **ports)  # fmt: skip
    with process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert told["speech"] == f"http://localhost:{ports['TTS_PORT']}"
        assert told["console"] == f"http://localhost:{ports['PROXY_PORT']}"
        assert told["upstream"]["recognition"] == upstream.url
        answer = web.post(f"{told['speech']}/generate", json={"text": "x"}, trust_env=False)
        assert answer.status_code == 200
        web.get(f"http://[::1]:{ports['TTS_PORT']}/health", trust_env=False)
        process.send_signal(number)
        out, error = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, "")
    lines = error.strip().splitlines()
    assert lines[-1] == f"The console: {told['console']}"
    assert any(upstream.url in line for line in lines)
    assert any("--origin" in line for line in lines)
    assert SECRET not in error


def test_calls_under_way_have_a_moment_to_end(upstream: Scripted, tmp_path: Path) -> None:
    going = []

    def slow(line: Line) -> None:
        going.append(line)
        until(lambda: len(going) > 1)
        line.tell(200, {"success": True})

    upstream.on["/generate"] = [slow]
    process = start(tmp_path, "--json", "--tts-url", upstream.url, "--whisper-url", upstream.url)
    with process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        call = open_call(f"{told['speech']}/generate", {"text": "x"})
        until(lambda: len(going) == 1)
        process.terminate()
        until(lambda: not answers(told["console"]))
        going.append(going[0])
        with call:
            assert b"true" in b"".join(iter(lambda: call.recv(65536), b""))
        process.communicate(timeout=30)
    assert process.returncode == 0


def answers(url: str) -> bool:
    try:
        return web.get(f"{url}/nothing", trust_env=False, timeout=5).status_code > 0
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("variable", NAMES)
def test_a_port_that_is_taken_is_told_with_what_moves_it(tmp_path: Path, variable: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        error = refused(tmp_path, "--url", "https://gpu.example.com", **{variable: port})
    assert f"Port {port}" in error
    assert f"{variable}={int(port) + 10}" in error


def test_one_port_for_two_servers_is_refused_by_name(tmp_path: Path) -> None:
    error = refused(tmp_path, "--url", "https://a.example.com", TTS_PORT="6600", PROXY_PORT="6600")
    assert "TTS_PORT and PROXY_PORT are both 6600" in error


def test_it_does_not_call_itself(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    error = refused(tmp_path, TTS_PORT=str(port), TTS_SERVER_URL=f"http://127.0.0.1:{port}")
    assert "would call itself" in error
    assert "--url" in error
    assert "--local" in error


def test_beyond_this_machine_it_wants_a_key_of_its_own(tmp_path: Path) -> None:
    error = refused(tmp_path, "--host", "0.0.0.0", "--url", "https://gpu.example.com")
    assert "--key-file" in error


def test_wrong_ports_are_told() -> None:
    for wrong in ("0", "65536", "x", "-1", "80.5"):
        with pytest.raises(ConfigError, match="TTS_PORT must be a port"):
            ProxySettings.from_env({"TTS_PORT": wrong})
    assert ProxySettings.from_env({"TTS_PORT": ""}).tts_port == 5000
