"""One of the servers alone under gunicorn, without the process manager."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests import web
from tests.servers import free_ports

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Alone:
    """Where it listens, its log, and its gunicorn."""

    url: str
    log: Path
    process: subprocess.Popen[bytes]

    def ready(self) -> bool:
        """Whether it can work. Fails when its process has ended."""
        assert self.process.poll() is None, self.log.read_text()
        return self.status() == 200

    def status(self) -> int:
        """What /ready answers, 0 while nobody listens."""
        try:
            return web.get(f"{self.url}/ready", timeout=10).status_code
        except httpx.TransportError:
            return 0


@contextmanager
def one_server(
    folder: Path, settings: Mapping[str, str], app: str = "voicehost.wsgi:tts()"
) -> Iterator[Alone]:
    """Starting with these environment variables; gone when the context ends."""
    (port,) = free_ports(1)
    inherited = {name: v for name, v in os.environ.items() if not name.startswith("VOICE_")}
    path = os.pathsep.join(["containers/voice", "."])
    log = folder / "server.log"
    config = ["-c", "containers/voice/gunicorn.conf.py", "--bind", f"127.0.0.1:{port}"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *config, "--name", "alone", app],
            cwd=ROOT,
            env={**inherited, "PYTHONPATH": path, "VOICE_GRACEFUL_SECONDS": "5", **settings},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Alone(f"http://127.0.0.1:{port}", log, process)
    finally:
        process.terminate()
        process.wait()
