"""Clears away what the audio store has on a disk, where nothing else does."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from voicehost.blobs.disk import DiskBlobs
from voicehost.errors import KeepingFailed
from voicehost.memory.names import FOLDER

log = logging.getLogger(__name__)

DAY_SECONDS = 86_400
EACH_SECONDS = 3600.0
# Of the most that the disk may hold; so much more is written at most before the next sweep.
WRITTEN_SHARE = 1 / 16
# Of the file system, for jobs and for all else that writes there.
FREE_SHARE = 1 / 10


class Sweeper:
    """Sweeps at the start, each hour, and whenever much was written. With 0 days it sweeps once,
    and everything goes. Two servers may sweep the same folder."""

    def __init__(
        self, blobs: DiskBlobs, *, days: int, most_bytes: int, now: Callable[[], float]
    ) -> None:
        self._blobs = blobs
        self._days = days
        self._most_bytes = most_bytes
        self._now = now
        self._written = 0
        self._wake = threading.Event()
        self._closed = False

    def start(self) -> None:
        threading.Thread(target=self._main, name="store-sweep", daemon=True).start()

    def close(self) -> None:
        self._closed = True
        self._wake.set()

    def wrote(self, size: int) -> None:
        """So many bytes more are on the disk."""
        self._written += size
        if self._written >= self._most_bytes * WRITTEN_SHARE:
            self._wake.set()

    def sweep(self) -> None:
        """Entries that have expired go, and the oldest above the limit, which is lower where the
        disk is nearly full. Raises KeepingFailed."""
        self._written = 0
        entries = sorted(self._blobs.find(FOLDER), key=lambda found: found.changed, reverse=True)
        oldest = self._now() - self._days * DAY_SECONDS
        most = self._most(sum(found.size for found in entries))
        kept = gone = 0
        fits = self._days > 0
        for found in entries:
            fits = fits and kept + found.size <= most
            if fits and found.changed.timestamp() >= oldest:
                kept += found.size
            else:
                self._blobs.delete(found.name)
                gone += 1
        if gone:
            log.info("audio store swept", extra={"gone": gone, "kept_bytes": kept})

    def _most(self, now: int) -> int:
        """Bytes that may be kept, of the `now` that are there."""
        free, total = self._blobs.room()
        return min(self._most_bytes, now + free - int(total * FREE_SHARE))

    def _main(self) -> None:
        while not self._closed:
            try:
                self.sweep()
            except KeepingFailed as error:
                reason = type(error.__cause__ or error).__name__
                log.warning("the audio store cannot be swept", extra={"reason": reason})
            if not self._days:
                return
            self._wake.wait(EACH_SECONDS)
            self._wake.clear()
