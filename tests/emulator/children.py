"""Child processes that never outlive the run: a session of their own, a log, a bounded stop."""

from __future__ import annotations

import contextlib
import ctypes
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
PR_SET_PDEATHSIG = 1
LOG_LINES = 15
_libc = ctypes.CDLL(None)


class Child:
    """Ctrl-C reaches the run alone, which then ends its children; a killed run takes them along."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        *,
        sockets: Sequence[int] = (),
    ) -> None:
        """`sockets` are descriptors that the child inherits."""
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                list(command),
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=tuple(sockets),
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def running(self) -> bool:
        return self._process.poll() is None

    def stop(self, seconds: float) -> int:
        """Ask it to end, insist after that many seconds, and give its status. What it started
        itself goes with it."""
        family = _descendants(self.pid)
        self._process.terminate()
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
        finally:
            for orphan in psutil.wait_procs(family, timeout=1)[1]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    orphan.kill()

    def log_end(self) -> str:
        """The last lines of its log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-LOG_LINES:])


def _descendants(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).children(recursive=True)
    return []


def end_with_parent() -> None:
    """For `preexec_fn`: a child ends when the thread that started it does."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
