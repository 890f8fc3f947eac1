"""The process manager with both servers, as a context: entered they run, left they are gone."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol

from voicehost.parent import end_with_parent

RUN = Path(__file__).resolve().parent.parent.parent / "run.sh"
# Somebody waits for Ctrl-C to end; in the cloud a stop leaves half an hour for work in flight.
GRACEFUL_SECONDS = "10"
START_SECONDS = 300
LOG_LINES = 15


class StartFailed(Exception):
    """The servers cannot start or did not stay up; the message says why."""


class Waited(Protocol):
    def is_ready(self) -> bool: ...


class Servers:
    """Starts run.sh in a session of its own, so that Ctrl-C reaches the launcher alone."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._environ = dict(environ)
        self.log = folder / "servers.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Servers:
        self._folder.mkdir(parents=True, exist_ok=True)
        environment = {
            "VOICE_GRACEFUL_SECONDS": GRACEFUL_SECONDS,
            **self._environ,
            "VOICEHOST_RUN": str(self._folder.resolve()),
            "VOICEHOST_PYTHON": sys.executable,
        }
        # supervisord opens it again to append; a file written at a place of its own would be torn.
        self.log.unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                ["/bin/sh", str(RUN)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def wait_until_ready(self, both: Sequence[Waited]) -> None:
        """Raises StartFailed when a server ends or is not warm in time."""
        end = time.monotonic() + START_SECONDS
        while not all(server.is_ready() for server in both):
            if not self.running():
                raise StartFailed(f"a server ended.\n{self.log_end()}")
            if time.monotonic() > end:
                raise StartFailed(f"not ready after {START_SECONDS} s.\n{self.log_end()}")
            time.sleep(0.3)

    def log_end(self) -> str:
        """The last lines of the log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-LOG_LINES:])
