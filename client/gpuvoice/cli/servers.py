"""Both servers as they stand, asked without a key: that wakes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from gpuvoice.addresses import shown
from gpuvoice.config import ClientConfig
from gpuvoice.errors import Unreachable
from gpuvoice.http import Server
from gpuvoice.secret import Secret

LOOK_SECONDS = 5.0


@dataclass(frozen=True)
class Seen:
    """`there`: somebody answers, and if not, `why`; `ready`: a call would be answered now."""

    called: str
    url: str
    there: bool
    ready: bool
    health: Mapping[str, Any]
    why: str = ""

    def as_json(self) -> dict[str, object]:
        return {"url": self.url, "there": self.there, "ready": self.ready, "health": self.health}


def look_at_servers(config: ClientConfig) -> list[Seen]:
    return [_look("speech", config.speech_url), _look("recognition", config.recognition_url)]


def servers_table(found: list[Seen]) -> Table:
    """One line for each."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for server in found:
        state = "ready" if server.ready else "not ready" if server.there else "no answer"
        style = "green" if server.ready else "yellow" if server.there else "red"
        who, url = Text(_who(server.health)), Text(server.url, style="dim")
        table.add_row(server.called, Text(state, style=style), who, url)
    return table


def _who(health: Mapping[str, Any]) -> str:
    told = [health.get(name) for name in ("engine", "model", "gpu_name", "version")]
    return ", ".join(str(each) for each in told if each)


def _look(called: str, url: str) -> Seen:
    # User information in a URL is a key.
    with Server(f"{called} server", shown(url), Secret()) as server:
        try:
            status, health = server.look("/health", seconds=LOOK_SECONDS)
            ready = server.look("/ready", seconds=LOOK_SECONDS)[0] == 200
        except Unreachable as nobody:
            return Seen(called, shown(url), False, False, {}, str(nobody))
    return Seen(called, shown(url), True, ready, health if status == 200 else {})
