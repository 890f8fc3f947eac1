"""One container of the image, under the flags that a task on AWS has, on free ports of loopback.

Less memory than there, its health is looked at more often, and its open files are bounded as the
engine's own: inside another container an engine may not raise that."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from operate.image.docker import Docker
from tests import web
from tests.servers import free_ports

MEMORY = "4g"
FLAGS = (
    "--network", "host", "--read-only", "--tmpfs", "/tmp:rw,noexec,nosuid,nodev,size=1g",  # noqa: S108
    "--cap-drop", "all", "--security-opt", "no-new-privileges", "--memory", MEMORY,
    "--memory-swap", MEMORY, "--pids-limit", "4096", "--shm-size", "1g",
    "--health-interval", "2s", "--health-timeout", "5s", "--health-retries", "2",
    "--health-start-period", "0s",
)  # fmt: skip
SETTINGS = {"VOICE_DEVICE": "cpu", "VOICE_HOST": "127.0.0.1", "VOICE_CPU_THREADS": "1"}
LOOK_SECONDS = 0.2


class Box:
    def __init__(self, docker: Docker, name: str, ports: tuple[int, int]) -> None:
        self._docker, self.name = docker, name
        self.tts, self.whisperx = (f"http://127.0.0.1:{port}" for port in ports)

    @property
    def both(self) -> tuple[str, str]:
        return self.tts, self.whisperx

    def exec(self, *words: str) -> str:
        return self._docker("exec", self.name, *words)

    def signal(self, name: str, process: int) -> None:
        # The shell's own: the image has no kill program.
        self.exec("sh", "-c", f"kill -{name} {process}")

    def python(self, code: str) -> Any:
        """What Python in the container prints for an expression, read as JSON."""
        program = f"import json, os, sys\n{code}"
        return json.loads(self.exec("python3", "-c", program))

    def inspect(self, part: str) -> Any:
        return json.loads(self._docker("inspect", "--format", f"{{{{json {part}}}}}", self.name))

    def log(self) -> str:
        return self._docker.everything("logs", self.name)

    def stop(self, seconds: int) -> None:
        self._docker("stop", "--time", str(seconds), self.name)

    def get(self, url: str) -> httpx.Response | None:
        """None when nobody answers."""
        try:
            return web.get(url, timeout=5)
        except httpx.HTTPError:
            return None

    def refuses(self, url: str) -> bool:
        """Whether a caller is turned away; one who waits in vain is not."""
        try:
            web.get(f"{url}/health", timeout=5)
        except httpx.ConnectError:
            return True
        except httpx.HTTPError:
            return False
        return False

    def ready(self) -> bool:
        answers = [self.get(f"{url}/ready") for url in self.both]
        return all(answer is not None and answer.status_code == 200 for answer in answers)

    def running(self) -> bool:
        return bool(self.inspect(".State.Running"))


@contextmanager
def box(docker: Docker, image: str, settings: Mapping[str, str]) -> Iterator[Box]:
    """A started container, not ready yet; gone when the context ends."""
    tts, whisperx = free_ports(2)
    given = {**SETTINGS, "TTS_PORT": str(tts), "WHISPERX_PORT": str(whisperx), **settings}
    variables = [word for pair in given.items() for word in ("--env", "=".join(pair))]
    name = f"gpu-voice-test-{tts}"
    docker("run", "--detach", "--name", name, *FLAGS, *variables, image)
    try:
        yield Box(docker, name, (tts, whisperx))
    finally:
        docker.tries("rm", "--force", name)


def seconds_until(condition: Callable[[], object], limit: float) -> float | None:
    """How long it took; None when it did not happen within the limit."""
    began = time.monotonic()
    while time.monotonic() - began < limit:
        if condition():
            return round(time.monotonic() - began, 1)
        time.sleep(LOOK_SECONDS)
    return None
