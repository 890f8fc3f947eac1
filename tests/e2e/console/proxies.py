"""`gpuvoice proxy` as people start it: a process of its own, on free ports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import Running, free_ports

CLIENT = Path(__file__).resolve().parents[3] / "client"
START_SECONDS = 30
AS_PEOPLE_DO = ["-m", "gpuvoice"]
# What it knows of a deployment is two seconds old otherwise; a test would wait that long each time.
FRESH = ["-c", "import sys; from gpuvoice.proxy import status; status.KEPT_SECONDS = 0.1; "
         "from gpuvoice.cli.main import main; sys.exit(main())"]  # fmt: skip
OURS = ("TTS_", "WHISPER", "PROXY_", "GPUVOICE_")


@contextmanager
def proxy_of_deployment(url: str, key: str, folder: Path, *, fresh: bool = False) -> Iterator[str]:
    """The console's address, of a proxy before this deployment."""
    tts, whisperx, console = map(str, free_ports(3))
    ports = {"TTS_PORT": tts, "WHISPERX_PORT": whisperx, "PROXY_PORT": console}
    start = FRESH if fresh else AS_PEOPLE_DO
    environment = {**ports, "TTS_API_KEY": key}
    with _running([*start, "proxy", "--url", url], environment, folder) as address:
        yield address


@contextmanager
def proxy_of_this_machine(servers: Running, folder: Path) -> Iterator[str]:
    """The console's address, of a proxy before the servers of `make run`."""
    tts, whisperx = (base.rpartition(":")[2] for base in (servers.tts, servers.whisperx))
    (console,) = map(str, free_ports(1))
    ports = {"TTS_PORT": tts, "WHISPERX_PORT": whisperx, "PROXY_PORT": console}
    with _running([*AS_PEOPLE_DO, "proxy", "--local"], ports, folder) as address:
        yield address


@contextmanager
def _running(arguments: list[str], environment: dict[str, str], folder: Path) -> Iterator[str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
    # A home of its own: nobody's server_config.json is read.
    environment = {**inherited, **environment, "PYTHONPATH": str(CLIENT), "HOME": str(folder)}
    command = [sys.executable, *arguments, "--json"]
    with (
        (folder / "proxy.log").open("wb") as log,
        subprocess.Popen(
            command, env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=log
        ) as process,
    ):
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert said, (folder / "proxy.log").read_text(encoding="utf-8")
            yield str(json.loads(said)["console"])
        finally:
            process.terminate()
            process.wait(START_SECONDS)
