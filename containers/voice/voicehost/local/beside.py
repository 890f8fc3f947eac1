"""A program that runs beside the servers and tells its address: the console."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Mapping, Sequence
from queue import Empty, SimpleQueue

from voicehost.parent import end_with_parent

START_SECONDS = 30.0
END_SECONDS = 10.0


class Beside:
    """Entered it runs, left it is gone. It says that it is ready with one line of JSON on its
    standard output, which names its address: `{"console": "http://localhost:8080"}`.

    The servers do not depend on it: where it cannot start, `address` is empty, and what it said on
    its standard error is on the screen.
    """

    def __init__(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        self._command = list(command)
        self._environ = dict(environ)
        self._process: subprocess.Popen[str] | None = None
        self.address = ""

    def __enter__(self) -> Beside:
        if not self._command:
            return self
        self._process = subprocess.Popen(
            self._command,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        try:
            self.address = self._told(self._process)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *raised: object) -> None:
        self._end()

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _told(self, process: subprocess.Popen[str]) -> str:
        lines: SimpleQueue[str] = SimpleQueue()
        threading.Thread(target=_read, args=(process, lines), daemon=True).start()
        try:
            return _address(lines.get(timeout=START_SECONDS))
        except Empty:
            return ""


def _read(process: subprocess.Popen[str], lines: SimpleQueue[str]) -> None:
    """The first line, or an empty one where it ended without; the rest goes nowhere."""
    out = process.stdout
    if out is None:
        return
    with out:
        lines.put(out.readline())
        for _ in out:
            pass


def _address(line: str) -> str:
    try:
        found = json.loads(line)
    except ValueError:
        return ""
    return str(found.get("console") or "") if isinstance(found, dict) else ""
