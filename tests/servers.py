"""The two real servers under their real process manager, on free ports, for tests."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from voicehost.local.addresses import Address, addresses
from voicehost.local.servers import Servers
from voicehost.settings import VoiceHostSettings


@dataclass(frozen=True, slots=True)
class Running:
    """Where they listen: base URLs without a slash at the end, and the log of both."""

    tts: str
    whisperx: str
    log: Path
    processes: Servers


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    held = [socket.socket() for _ in range(count)]
    try:
        for probe in held:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in held]
    finally:
        for probe in held:
            probe.close()


@contextmanager
def running_servers(folder: Path, settings: Mapping[str, str]) -> Iterator[Running]:
    """Both servers with these environment variables, warm; gone when the context ends."""
    tts, whisperx = free_ports(2)
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("VOICE_")}
    environment = {
        **inherited,
        "TTS_PORT": str(tts),
        "WHISPERX_PORT": str(whisperx),
        "VOICE_GRACEFUL_SECONDS": "5",
        **settings,
    }
    with patch.dict(os.environ, environment, clear=True):
        parsed = VoiceHostSettings.from_env()
    both: list[Address] = addresses(parsed)
    with Servers(folder, environment) as processes:
        processes.wait_until_ready(both)
        yield Running(both[0].url, both[1].url, processes.log, processes)
