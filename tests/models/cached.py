"""Checkpoints made once for each state of their makers, and kept between test runs."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".models_cache"
A_DAY = 86_400
NO_MAKERS = (
    "test_*.py", "hearing_*.py", "conftest.py", "cached.py", "serving.py", "one_server.py",
    "short_of_memory.py", "log_lines.py",
)  # fmt: skip


def cached(name: str, make: Callable[[Path], None]) -> Path:
    """The folder that `make` has filled; a copy is for whoever wants to change anything in it."""
    folder = CACHE / f"{name}-{_makers()[:16]}"
    if not folder.exists():
        CACHE.mkdir(exist_ok=True)
        _forget(name)
        with tempfile.TemporaryDirectory(dir=CACHE) as room:
            make(Path(room) / name)
            # Another run may have been faster.
            with contextlib.suppress(OSError):
                (Path(room) / name).rename(folder)
    return folder


def _forget(name: str) -> None:
    """Remove what older makers made, unless a run that goes on may use it."""
    for old in CACHE.glob(f"{name}-*"):
        if time.time() - old.stat().st_mtime > A_DAY:
            shutil.rmtree(old)


def _makers() -> str:
    """A hash of what the checkpoints are made by, and with which packages."""
    files = [file for file in HERE.glob("*.py") if not any(map(file.match, NO_MAKERS))]
    made_by = sorted([*files, HERE / "requirements.lock"])
    return hashlib.sha256(b"".join(file.read_bytes() for file in made_by)).hexdigest()
