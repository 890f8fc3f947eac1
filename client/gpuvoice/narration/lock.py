"""One run at a time in a folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from gpuvoice.errors import ConfigError

NAME = "narration.lock"

if sys.platform == "win32":
    import msvcrt

    def _take(file: BinaryIO) -> None:
        file.seek(0x7FFF)  # a place that holds nothing, so that others can read the number
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock file, which names this process. Raises ConfigError if another does.

    The system lets go of it however the process ends: no lock is ever stale, and a process that
    happens to have the number of a dead one is not taken for it.
    """
    path = folder / NAME
    with path.open("a+b") as file:
        try:
            _take(file)
        except OSError:
            raise ConfigError(
                f"Another run (process {_owner(path)}) works in {folder}. Wait for its end, or "
                "name another folder."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()).encode())
        file.flush()
        yield


def _owner(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip() or "unknown"
    except (OSError, ValueError):
        return "unknown"
