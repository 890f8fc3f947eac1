"""One task: the container of its definition as a process, with the ports that it was given."""

from __future__ import annotations

import contextlib
import http.client
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.emulator.children import ROOT, Child
from tests.emulator.environment import without_strangers
from tests.servers import free_ports

RUN = ROOT / "containers/voice/run.sh"
# A container has ports of its own; processes of one machine get free ones, by these settings.
PORT_SETTINGS = {5000: "TTS_PORT", 5001: "WHISPERX_PORT"}
PROBE_SECONDS = 5
HEALTH_SECONDS = 60
# Beyond the time that the servers themselves take to finish what is in flight.
STOP_MARGIN_SECONDS = 15


class TaskRefused(Exception):
    """The task definition asks for what this host cannot give."""


@dataclass(frozen=True, slots=True)
class Target:
    """A port of the task in a target group, and the path that says whether it is ready."""

    group: str
    port: int
    path: str


class Task:
    """Starts at once. `ports` gives the port of this machine for each of the container's."""

    def __init__(
        self, definition: Mapping[str, Any], folder: Path, surroundings: Mapping[str, str]
    ) -> None:
        (container,) = definition["containerDefinitions"]
        self.container: str = container.get("name", "")
        if container.get("secrets"):
            raise TaskRefused("This host injects no secrets: the servers fetch theirs at run time.")
        self.definition_arn: str = definition["taskDefinitionArn"]
        self.image: str = container["image"]
        self._health: list[str] = container.get("healthCheck", {}).get("command", [])
        self._stop_seconds = int(container.get("stopTimeout", 30)) + STOP_MARGIN_SECONDS
        containers = [mapping["containerPort"] for mapping in container["portMappings"]]
        self.ports = dict(zip(containers, free_ports(len(containers)), strict=True))
        self._environment = {
            **_plain_environment(),
            **surroundings,
            **{pair["name"]: pair["value"] for pair in container.get("environment", [])},
            **{PORT_SETTINGS[inner]: str(outer) for inner, outer in self.ports.items()},
            # A container's own address ends at its instance; this machine's would not.
            "VOICE_HOST": "127.0.0.1",
            "VOICEHOST_RUN": str(folder),
            "VOICEHOST_PYTHON": sys.executable,
        }
        folder.mkdir(parents=True)
        self._child = Child(["/bin/sh", str(RUN)], self._environment, folder / "task.log")
        self.log = self._child.log

    def running(self) -> bool:
        return self._child.running()

    def ready(self, target: Target) -> bool:
        """What the target group's health check would see."""
        connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=PROBE_SECONDS)
        try:
            connection.request("GET", target.path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def healthy(self) -> bool:
        """Run the container's own health check, as the agent on an instance does. A container
        without one never counts as healthy."""
        kind, *command = self._health or ["NONE"]
        if kind == "NONE":
            return False
        if kind == "CMD-SHELL":
            command = ["/bin/sh", "-c", *command]
        environment = {**self._environment, "PYTHONPATH": str(RUN.parent)}
        done = subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, timeout=HEALTH_SECONDS
        )
        return done.returncode == 0

    def stop(self) -> int:
        """SIGTERM, and SIGKILL after the stop timeout of the definition. Gives the status."""
        return self._child.stop(self._stop_seconds)

    def begin_stop(self) -> None:
        """As `stop`, without waiting for it."""
        threading.Thread(target=self.stop, name="stop").start()

    def kill(self) -> None:
        """What becomes of a container whose machine is gone."""
        family = [psutil.Process(self._child.pid)] if self.running() else []
        for parent in tuple(family):
            with contextlib.suppress(psutil.NoSuchProcess):
                family += parent.children(recursive=True)
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._child.stop(0)

    def status(self) -> int:
        """Of a task that does not run any more."""
        return self._child.stop(0)

    def log_end(self) -> str:
        return self._child.log_end()


def _plain_environment() -> dict[str, str]:
    """This machine's, without settings and credentials; `python3` is the run's own."""
    plain = without_strangers(os.environ)
    plain.pop("PYTHONPATH", None)
    here = str(Path(sys.executable).parent)
    return {**plain, "PATH": f"{here}{os.pathsep}{plain.get('PATH', '')}"}
