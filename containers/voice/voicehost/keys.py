"""Named API keys, kept as hashes.

A key is 32 random bytes, so one round of SHA-256 cannot be searched and a check costs
microseconds; a slow password hash would only help keys that people think up.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass, field
from datetime import datetime

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Key:
    """`queue_items` is the most pieces of work that may wait for it, where it has a limit."""

    name: str
    digest: bytes = field(repr=False)
    service: bool = False
    expires_at: datetime | None = None
    queue_items: int | None = None

    def valid(self, now: float) -> bool:
        """Whether it opens at this time (seconds since 1970); not from its last second on."""
        return self.expires_at is None or now < self.expires_at.timestamp()


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys and the hashes to know them by. One name may hold two keys while it is rotated."""

    keys: tuple[Key, ...] = ()

    def find(self, presented: str, now: float | None = None) -> Key | None:
        """The valid key that matches; `now` is in seconds since 1970.

        Every key is compared, so the time says nothing about which.
        """
        now = time.time() if now is None else now
        digest = key_digest(presented)
        found: Key | None = None
        for key in self.keys:
            if hmac.compare_digest(digest, key.digest) and key.valid(now):
                found = key
        return found

    def limit_of(self, name: str, now: float | None = None) -> int | None:
        """`queue_items` of the last valid key of this name; None without one."""
        now = time.time() if now is None else now
        limits = [key.queue_items for key in self.keys if key.name == name and key.valid(now)]
        return limits[-1] if limits else None

    def knows(self, name: str, now: float | None = None) -> bool:
        """Whether a key of this name is valid; `now` is in seconds since 1970."""
        now = time.time() if now is None else now
        return any(key.name == name and key.valid(now) for key in self.keys)


def key_digest(clear: str) -> bytes:
    return hashlib.sha256(clear.encode("utf-8", "surrogatepass")).digest()


def new_key() -> tuple[str, str]:
    """A fresh key and what to store of it: (clear text to hand out once, `sha256:HEX`)."""
    clear = "gv_" + secrets.token_urlsafe(32)
    return clear, "sha256:" + key_digest(clear).hex()
