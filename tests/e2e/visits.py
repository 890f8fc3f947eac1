"""One visit of headless Chromium to the test page, and what the page reports."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.pages import STUDIO, PageServer

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {STUDIO} 127.0.0.1",
)
VISIT_SECONDS = 120
END_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Browser:
    program: str
    pages: PageServer
    folders: pytest.TempPathFactory

    def visit(self, host: str, scenario: str, **task: Any) -> dict[str, Any]:
        """Open the page at this host, have it run the scenario, return its named results."""
        visit = self.pages.add({"scenario": scenario, **task})
        address = f"{self.pages.origin(host)}/browser_client.html?{visit}"
        log = self.folders.mktemp("browser") / "chromium.log"
        with self._running(log, address) as process:
            end = time.monotonic() + VISIT_SECONDS
            while time.monotonic() < end and process.poll() is None:
                try:
                    return self.pages.results[visit].get(timeout=0.5)
                except queue.Empty:
                    continue
        said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise AssertionError(f"the page reported nothing for {scenario!r}; Chromium said:\n{said}")

    @contextmanager
    def _running(self, log: Path, address: str) -> Iterator[subprocess.Popen[bytes]]:
        command = [self.program, *FLAGS, f"--user-data-dir={log.parent / 'profile'}", address]
        with (
            log.open("wb") as out,
            subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            ) as process,
        ):
            try:
                yield process
            finally:
                _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End Chromium with its helpers, which are in its process group."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(END_SECONDS)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
