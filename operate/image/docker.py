"""The docker command of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping

from operate.failures import CommandError

BUILDKIT = {"DOCKER_BUILDKIT": "1"}


class Docker:
    """`variables` go to the command beside the environment: DOCKER_HOST, DOCKER_CONFIG."""

    def __init__(self, command: str = "docker", variables: Mapping[str, str] | None = None) -> None:
        self._command = command
        self._environment = {**os.environ, **BUILDKIT, **(variables or {})}

    def __call__(self, *words: str, given: str | None = None) -> str:
        """What it prints. `given` goes to its standard input. Raises CommandError."""
        done = self._run(words, given, capture=True)
        if done.returncode:
            raise CommandError(f"docker {words[0]} failed: {_last_line(done.stderr)}")
        return str(done.stdout).strip()

    def everything(self, *words: str) -> str:
        """What it prints on either stream, in that order. Raises CommandError."""
        done = self._run(words, None, capture=True)
        if done.returncode:
            raise CommandError(f"docker {words[0]} failed: {_last_line(done.stderr)}")
        return str(done.stdout + done.stderr)

    def show(self, *words: str) -> None:
        """Run it with its words on the screen. Raises CommandError."""
        if self._run(words, None, capture=False).returncode:
            raise CommandError(f"docker {words[0]} failed; it says why above.")

    def tries(self, *words: str) -> bool:
        """Whether it ends well; nothing is shown."""
        try:
            return self._run(words, None, capture=True).returncode == 0
        except CommandError:
            return False

    def require(self) -> None:
        """Raise CommandError where no engine answers."""
        self("version", "--format", "{{.Server.Version}}")

    def _run(
        self, words: tuple[str, ...], given: str | None, *, capture: bool
    ) -> subprocess.CompletedProcess[str]:
        tool = shutil.which(self._command)
        if tool is None:
            raise CommandError("docker is not installed here.")
        return subprocess.run(
            [tool, *words],
            env=self._environment,
            input=given,
            capture_output=capture,
            text=True,
            check=False,
        )


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it says nothing"
