"""The server of held_voice.py under the real process manager of requests, and its pipe."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests import web
from tests.e2e.openai.held_voice import PIPE
from tests.patience import until
from tests.servers import free_ports
from voicehost.engines.clock import ClockVoice, frames_for
from voicehost.engines.step_cost import CURVES
from voicehost.parent import end_with_parent

ROOT = Path(__file__).resolve().parents[3]
CONFIG = ROOT / "containers" / "voice" / "gunicorn.conf.py"
INTERNAL = {"X-Voice-Internal": "1"}


@dataclass(frozen=True, slots=True)
class Held:
    url: str
    pipe: int

    def let(self, steps: int) -> None:
        """The voice may go on for so many steps of 80 ms."""
        os.write(self.pipe, b"." * steps)

    def activity(self) -> dict[str, Any]:
        found = web.get(f"{self.url}/internal/activity", headers=INTERNAL, trust_env=False)
        answer: dict[str, Any] = found.json()
        return answer


@contextmanager
def held_server(folder: Path) -> Iterator[Held]:
    path, (port,) = folder / "steps", free_ports(1)
    os.mkfifo(path)
    pipe = os.open(path, os.O_RDWR)
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("VOICE_")}
    command = [sys.executable, "-m", "gunicorn", "-c", str(CONFIG), "-b", f"127.0.0.1:{port}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "tests.e2e.openai.held_voice:tts()"],
            cwd=ROOT,
            env=inherited
            | {
                PIPE: str(path),
                "PYTHONPATH": f"{ROOT / 'containers' / 'voice'}{os.pathsep}{ROOT}",
                "VOICE_GRACEFUL_SECONDS": "1",
            },
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=end_with_parent,
        )
    held = Held(f"http://127.0.0.1:{port}", pipe)
    sample = ClockVoice(CURVES["t4"], rows=1).sample()
    held.let(frames_for(sample.text))
    try:
        until(lambda: _ready(held.url), 60)
        yield held
    finally:
        process.kill()
        process.wait()
        os.close(pipe)


def _ready(url: str) -> bool:
    try:
        return web.get(f"{url}/ready", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
