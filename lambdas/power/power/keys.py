"""The keys that open the servers open this too; kept and presented in the same ways.

The servers' own reader stands in containers/voice/voicehost/key_format.py, and a test holds both
together.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
HASH = re.compile(r"sha256:([0-9a-f]{64})(:service)?")
TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt _](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)(Z|z|[+-]\d\d(?::?\d\d)?)"
)
# Greater numbers are times in milliseconds.
MOST_SECONDS = 2e10
SERVICE_NAME = "service"


class WrongSecret(ValueError):
    """The secret is there and holds something else."""


@dataclass(frozen=True, slots=True)
class Key:
    """`expires_at` is in seconds since 1970; from then on it does not open any more."""

    name: str
    digest: bytes = field(repr=False)
    service: bool = False
    expires_at: float | None = None


def find(keys: tuple[Key, ...], presented: str, now: float) -> Key | None:
    """The valid key that matches. Every key is compared, so the time says nothing about which."""
    digest = key_digest(presented)
    found: Key | None = None
    for key in keys:
        valid = key.expires_at is None or now < key.expires_at
        if hmac.compare_digest(digest, key.digest) and valid:
            found = key
    return found


def presented(headers: Mapping[str, str]) -> str | None:
    """The key that a request carries, in the order: X-API-Key, Bearer, password of Basic."""
    if "x-api-key" in headers:
        return headers["x-api-key"]
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    rest = rest.strip()
    if scheme.lower() == "bearer":
        # With an equals sign inside, it is a list of parameters and no token.
        return None if "=" in rest.rstrip("=") else rest
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(rest).decode().partition(":")[2]
    except ValueError:
        return None


def key_digest(clear: str) -> bytes:
    return hashlib.sha256(clear.encode("utf-8", "surrogatepass")).digest()


def named_keys(text: str | None) -> tuple[Key, ...]:
    """Keys of the JSON object `{NAME: HASH or object or list of these}`; entries that cannot be
    read are left out. Raises WrongSecret."""
    if text is None:
        return ()
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise WrongSecret("the secret is no JSON object")
    return tuple(_entries(found))


def service_key(text: str | None) -> tuple[Key, ...]:
    """The key of `{"key": "CLEAR TEXT"}`, by its hash. Raises WrongSecret."""
    try:
        clear = "" if text is None else json.loads(text).get("key", "")
    except (ValueError, AttributeError, RecursionError):
        clear = None
    if not isinstance(clear, str):
        raise WrongSecret('the secret is not of the form {"key": ...}')
    return (Key(SERVICE_NAME, key_digest(clear), service=True),) if clear else ()


def _entries(found: dict[str, Any]) -> Iterator[Key]:
    for name, value in found.items():
        for entry in value if isinstance(value, list) else [value]:
            made = _key(name, {"hash": entry} if isinstance(entry, str) else entry)
            if made is not None:
                yield made


def _key(name: str, entry: object) -> Key | None:
    if not isinstance(entry, dict) or set(entry) - {"hash", "expires_at", "queue_items"}:
        return None
    items = entry.get("queue_items")
    if items is not None and (type(items) is not int or items < 1):
        return None
    match = HASH.fullmatch(entry["hash"]) if isinstance(entry.get("hash"), str) else None
    if match is None or not NAME.fullmatch(name):
        return None
    try:
        expires_at = _time(entry.get("expires_at"))
    except ValueError:
        return None
    return Key(name, bytes.fromhex(match.group(1)), match.group(2) is not None, expires_at)


def _time(value: object) -> float | None:
    """Of a time with its zone, or of seconds since 1970. Raises ValueError."""
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value if abs(value) <= MOST_SECONDS else value / 1000
    match = TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("no time with a zone")
    day, clock, zone = match.groups()
    return datetime.fromisoformat(f"{day}T{clock}{zone.upper()}").astimezone(UTC).timestamp()
