"""The command in this process, and what it talks to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gpuvoice import power, waiting
from gpuvoice.cli import status
from gpuvoice.cli.main import cli
from tests.client.cli.deployment import Deployment, deployed
from tests.power.conftest import account, house
from tests.power.house import House
from tests.servers import Running

__all__ = ["account", "house"]

NAMES = ("TTS_SERVER_URL", "WHISPER_URL", "TTS_API_KEY", "GPUVOICE_POWER_URL", "XDG_CONFIG_HOME")


@dataclass(frozen=True)
class Ran:
    """How a run ended, and what it printed."""

    code: int
    out: str
    err: str
    data: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with nothing of this machine's own settings."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


@pytest.fixture
def run() -> Run:
    """Runs `gpuvoice` with these arguments; a bug in it is raised."""

    def ran(*arguments: object, stdin: str | bytes = "", **environ: str) -> Ran:
        found: Result = CliRunner().invoke(cli, list(map(str, arguments)), stdin, environ)
        if found.exception is not None and not isinstance(found.exception, SystemExit):
            raise found.exception
        return Ran(found.exit_code, found.stdout, found.stderr, found.stdout_bytes)

    return ran


@pytest.fixture
def local(cpu_servers: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    """The servers of a laptop, as the environment names them."""
    monkeypatch.setenv("TTS_SERVER_URL", cpu_servers.tts)
    monkeypatch.setenv("WHISPER_URL", cpu_servers.whisperx)
    return cpu_servers


@pytest.fixture
def cloud(
    house: House, cpu_servers: Running, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Deployment]:
    """A deployment whose GPU sleeps, as the environment names it; nobody waits for long."""
    monkeypatch.setattr(power, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(status, "WATCH_SECONDS", 0.001)
    monkeypatch.setattr(waiting, "LONGEST_SECONDS", 0.001)
    with deployed(house, cpu_servers) as deployment:
        for name, value in deployment.environ.items():
            monkeypatch.setenv(name, value)
        yield deployment
