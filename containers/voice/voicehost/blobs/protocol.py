"""What a place for blobs can do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

# Parts of a name, joined by '/': nothing that a file system or a URL reads in its own way.
NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}){0,7}")


@dataclass(frozen=True, slots=True)
class Found:
    """One blob in a listing; `size` in bytes."""

    name: str
    size: int
    changed: datetime


class Blobs(Protocol):
    """Small files by name. Thread-safe; all methods raise KeepingFailed when the place fails.

    A name is like `jobs/tts/4f…/3.json`; it matches NAME.
    """

    def put(self, name: str, data: bytes) -> None:
        """Write it whole or not at all, over what was there; it is durable on return."""

    def get(self, name: str) -> bytes | None:
        """What is there; None when nothing is."""

    def delete(self, name: str) -> None:
        """Nothing happens when it is not there."""

    def find(self, prefix: str) -> Iterator[Found]:
        """All below `prefix`, which ends with '/', sorted by name."""
