"""Blobs in a folder of this machine, which its owner alone can read."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from voicehost.blobs.protocol import NAME, Found
from voicehost.errors import KeepingFailed

log = logging.getLogger(__name__)

FAILED = "The server cannot keep or read what it should on its disk; its log says why."
RETRY_SECONDS = 10
UNFINISHED = ".part-"
# Far longer than a write takes: what is older was left by a process that was killed.
LEFT_OVER_SECONDS = 3600
# A folder may be removed, as empty, between its making and its first file.
TRIES = 8


class DiskBlobs:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, data: bytes) -> None:
        path = self._path(name)
        with _failing():
            part = self._written(path.parent, data)
            try:
                _renamed(part, path)
            except BaseException:
                part.unlink(missing_ok=True)
                raise

    def get(self, name: str) -> bytes | None:
        with _failing():
            try:
                return self._path(name).read_bytes()
            except FileNotFoundError:
                return None

    def delete(self, name: str) -> None:
        path = self._path(name)
        with _failing():
            path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # others are still in it, or it is gone
                for parent in path.relative_to(self._folder).parents[:-1]:
                    (self._folder / parent).rmdir()

    def find(self, prefix: str) -> Iterator[Found]:
        with _failing():
            names = sorted(self._below(self._path(prefix.rstrip("/"))))
        for name in names:
            try:
                state = (self._folder / name).stat()
            except FileNotFoundError:
                continue
            yield Found(name, state.st_size, datetime.fromtimestamp(state.st_mtime, UTC))

    def size(self, prefix: str) -> int:
        """Bytes of all below `prefix`, which ends with '/'."""
        return sum(found.size for found in self.find(prefix))

    def room(self) -> tuple[int, int]:
        """(free, in all) bytes of the file system."""
        with _failing():
            self._make(self._folder)
            usage = shutil.disk_usage(self._folder)
        return usage.free, usage.total

    def tidy(self) -> None:
        """Remove what killed processes left half written."""
        before = time.time() - LEFT_OVER_SECONDS
        with _failing():
            for root, _, files in os.walk(self._folder):
                for path in (Path(root) / file for file in files if file.startswith(UNFINISHED)):
                    with contextlib.suppress(FileNotFoundError):
                        if path.stat().st_mtime < before:
                            path.unlink()

    def _written(self, folder: Path, data: bytes) -> Path:
        for attempt in range(TRIES):
            try:
                self._make(folder)
                handle, part = tempfile.mkstemp(prefix=UNFINISHED, dir=folder)
                break
            except FileNotFoundError:
                if attempt == TRIES - 1:
                    raise
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise
        return Path(part)

    def _make(self, folder: Path) -> None:
        """With its parents: each is the owner's alone, and durable."""
        if folder.is_dir():
            return
        if folder != self._folder:
            self._make(folder.parent)
        else:
            folder.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            _sync(folder.parent)

    def _below(self, folder: Path) -> Iterator[str]:
        for root, _, files in os.walk(folder):
            for file in files:
                if not file.startswith(UNFINISHED):
                    yield (Path(root) / file).relative_to(self._folder).as_posix()

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise ValueError(f"not a name of a blob: {name!r}")
        return self._folder / name


def _renamed(part: Path, path: Path) -> None:
    part.replace(path)
    with contextlib.suppress(FileNotFoundError):  # it was deleted again, folder and all
        _sync(path.parent)


def _sync(folder: Path) -> None:
    """Without this a name may be gone after a power cut, although its file was written."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        log.error("disk failed", extra={"reason": error.strerror})
        raise KeepingFailed(FAILED, retry_after=RETRY_SECONDS) from error
