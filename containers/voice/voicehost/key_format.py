"""How keys are written down: `name=sha256:HEX,...`, or JSON with limits for each key.

{"alice": "sha256:HEX", "power": "sha256:HEX:service",
 "bob": [{"hash": "sha256:HEX", "expires_at": "2026-11-24T10:00:00Z", "queue_items": 64}]}
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from voicehost.keys import NAME, Key

HASH = re.compile(r"sha256:([0-9a-f]{64})(:service)?")
SHAPE = (
    "name=sha256:HEX, with 64 hexadecimal digits and, for a service key, :service at the end; in "
    "JSON also an object of hash, expires_at and queue_items"
)


class KeyFormatError(ValueError):
    """The list of keys cannot be read."""


class Entry(BaseModel):
    """One key in its long form."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    hash: str = Field(repr=False)
    expires_at: AwareDatetime | None = None
    queue_items: Annotated[int, Field(strict=True, ge=1)] | None = None


@dataclass(frozen=True, slots=True)
class ReadKeys:
    """`wrong` holds the numbers, from 1, of the names whose entry could not be read."""

    keys: tuple[Key, ...] = ()
    wrong: tuple[int, ...] = ()


def parse_keys(text: str) -> tuple[Key, ...]:
    """All keys of a list or JSON object. Raises KeyFormatError at the first wrong entry."""
    found = read_keys(text)
    if found.wrong:
        # Echo nothing of it: somebody may have put the clear key where name or hash belongs.
        raise KeyFormatError(f"entry {found.wrong[0]} of the keys is not of the form {SHAPE}")
    return found.keys


def read_keys(text: str) -> ReadKeys:
    """The keys that can be read. Raises KeyFormatError when the whole is no list of keys."""
    keys: list[Key] = []
    wrong: list[int] = []
    for number, (name, value) in enumerate(_pairs(text.strip()), start=1):
        made = [_key(name, entry) for entry in (value if isinstance(value, list) else [value])]
        keys += [key for key in made if key is not None]
        wrong += [number] if None in made else []
    return ReadKeys(tuple(keys), tuple(wrong))


def _pairs(text: str) -> list[tuple[str, object]]:
    if not text.startswith("{"):
        return [_split(part) for part in text.split(",") if part.strip()]
    try:
        return list(json.loads(text).items())
    except (ValueError, RecursionError) as error:
        raise KeyFormatError("the keys are no JSON object of name and hash") from error


def _split(part: str) -> tuple[str, object]:
    name, _, value = part.strip().partition("=")
    return name, value


def _key(name: str, value: object) -> Key | None:
    try:
        entry = Entry.model_validate({"hash": value} if isinstance(value, str) else value)
    except ValidationError:
        return None
    match = HASH.fullmatch(entry.hash)
    if match is None or not NAME.fullmatch(name):
        return None
    digest, service = bytes.fromhex(match.group(1)), match.group(2) is not None
    return Key(name, digest, service, entry.expires_at, entry.queue_items)
