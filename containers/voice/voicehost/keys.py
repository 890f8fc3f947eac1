"""Named API keys, kept as hashes.

A key is 32 random bytes, so one round of SHA-256 cannot be searched and a check costs
microseconds; a slow password hash would only help keys that people think up.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass, field

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
HASH = re.compile(r"sha256:([0-9a-f]{64})(:service)?")
SHAPE = "name=sha256:HEX, with 64 hexadecimal digits and, for a service key, :service at the end"


class KeyFormatError(ValueError):
    """The list of keys cannot be read."""


@dataclass(frozen=True, slots=True)
class Key:
    name: str
    digest: bytes = field(repr=False)
    service: bool = False


@dataclass(frozen=True, slots=True)
class KeyRing:
    """All keys that are valid now. One name may hold two keys while it is rotated."""

    keys: tuple[Key, ...] = ()

    def find(self, presented: str) -> Key | None:
        """The key that matches; every key is compared, so the time says nothing about which."""
        digest = hashlib.sha256(presented.encode("utf-8", "surrogatepass")).digest()
        found: Key | None = None
        for key in self.keys:
            if hmac.compare_digest(digest, key.digest):
                found = key
        return found


def new_key() -> tuple[str, str]:
    """A fresh key and what to store of it: (clear text to hand out once, `sha256:HEX`)."""
    clear = "gv_" + secrets.token_urlsafe(32)
    return clear, "sha256:" + hashlib.sha256(clear.encode()).hexdigest()


def parse_keys(text: str) -> list[Key]:
    """Read `name=sha256:HEX,...` or a JSON object of the same. Raises KeyFormatError."""
    text = text.strip()
    if text.startswith("{"):
        try:
            pairs = [(str(name), value) for name, value in json.loads(text).items()]
        except (ValueError, RecursionError) as error:
            raise KeyFormatError("the keys file is no JSON object of name and hash") from error
    else:
        pairs = [_split(part) for part in text.split(",") if part.strip()]
    keys: list[Key] = []
    for number, (name, value) in enumerate(pairs, start=1):
        for entry in value if isinstance(value, list) else [value]:
            keys.append(_read(number, name, entry))
    return keys


def _split(part: str) -> tuple[str, str]:
    name, _, value = part.strip().partition("=")
    return name, value


def _read(number: int, name: str, value: object) -> Key:
    # Echo nothing of it: somebody may have put the clear key where name or hash belongs.
    match = HASH.fullmatch(value) if isinstance(value, str) else None
    if not NAME.fullmatch(name) or match is None:
        raise KeyFormatError(f"entry {number} of the keys is not of the form {SHAPE}")
    return Key(name, bytes.fromhex(match.group(1)), match.group(2) is not None)
