"""Answers kept in a bucket: what they are called, and whose they are.

An id is `FOLDER/CALL/0.wav`: FOLDER stands for the caller's key, CALL for one call. The folder is
the first 32 hexadecimal digits of the SHA-256 of the key's name, so that whoever signs an id can
tell whose it is without a table. In the bucket its object lies under `results/`, apart from what is
kept for other spans of time.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Ending = Literal["wav", "json", "flac", "mp3", "ogg", "aac", "pcm"]
CONTENT_TYPES: dict[Ending, str] = {
    "wav": "audio/wav",
    "json": "application/json",
    "flac": "audio/flac",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "aac": "audio/aac",
    "pcm": "audio/pcm",
}
BUCKET_FOLDER = "results/"
# A caller without a key; no hash is spelt like this.
ANONYMOUS_FOLDER = "anonymous"
FOLDER = rf"(?P<folder>[0-9a-f]{{32}}|{ANONYMOUS_FOLDER})"
ENDINGS = "|".join(CONTENT_TYPES)
ID = re.compile(FOLDER + rf"/[0-9a-f]{{32}}/(0|[1-9][0-9]{{0,5}})\.({ENDINGS})")


@dataclass(frozen=True, slots=True)
class StoredResult:
    """`url` gives the object to anybody until `expires_at`; `size` is in bytes."""

    id: str
    url: str
    expires_at: datetime
    size: int


def folder(key: str | None) -> str:
    """The folder of a key's name; None is a caller without a key."""
    if key is None:
        return ANONYMOUS_FOLDER
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def new_ids(owner: str, count: int, ending: Ending) -> list[str]:
    """Ids in a folder for the objects of one call, in their order."""
    call = uuid.uuid4().hex
    return [f"{owner}/{call}/{index}.{ending}" for index in range(count)]


def object_key(result_id: str) -> str:
    """Where the object of an id lies in the bucket."""
    return BUCKET_FOLDER + result_id


def is_in(owner: str, result_id: str) -> bool:
    """Whether this is the id of an object in that folder, and nothing else."""
    match = ID.fullmatch(result_id)
    return match is not None and match["folder"] == owner
