"""`gpuvoice proxy` as a process of its own: the key is in its environment and nowhere else."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.emulator.children import ROOT, Child
from tests.patience import until
from tests.servers import free_ports

PORTS = ("TTS_PORT", "WHISPERX_PORT", "PROXY_PORT")
OF_CLIENTS = ("TTS_", "WHISPER", "GPUVOICE_", "VOICE_")
START_SECONDS = 30
STOP_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Proxied:
    """Base URLs without a slash at the end, and all that the proxy printed."""

    speech: str
    recognition: str
    console: str
    log: Path


def clean_environment() -> dict[str, str]:
    """This process's, without what would lead a client to other servers or through a proxy."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(OF_CLIENTS) and not name.lower().endswith("_proxy")
    }


@contextmanager
def running_proxy(
    folder: Path,
    environment: Mapping[str, str],
    *arguments: str,
    ports: Mapping[str, int] | None = None,
) -> Iterator[Proxied]:
    """The proxy with this whole environment, ready; on free ports unless some are given."""
    chosen = ports or dict(zip(PORTS, free_ports(3), strict=True))
    path = os.pathsep.join(filter(None, [str(ROOT / "client"), environment.get("PYTHONPATH", "")]))
    whole = {
        **environment,
        **{name: str(port) for name, port in chosen.items()},
        "PYTHONPATH": path,
    }
    log = folder / "proxy.log"
    process = Child([sys.executable, "-m", "gpuvoice", "proxy", "--json", *arguments], whole, log)
    try:
        until(lambda: not process.running() or _ready(log), START_SECONDS)
        assert process.running(), process.log_end()
        speech, recognition, console = (f"http://localhost:{chosen[name]}" for name in PORTS)
        yield Proxied(speech, recognition, console, log)
    finally:
        process.stop(STOP_SECONDS)


def _ready(log: Path) -> bool:
    """The line of JSON comes when it listens."""
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    return any(line.startswith("{") and line.endswith("\n") for line in lines)
