"""The golden set: recordings with their text and word times, and texts to speak."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


@dataclass(frozen=True, slots=True)
class Recording:
    """`starts` are the seconds at which the words of `text` begin to sound."""

    audio: str
    text: str
    seconds: float
    starts: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class GoldenSet:
    """`version` changes with any byte of it."""

    version: str
    recordings: tuple[Recording, ...]
    texts: tuple[str, ...]


def golden_set(folder: Path = FOLDER) -> GoldenSet:
    """What is in the folder; audio in base64, as the servers take it."""
    described = (folder / "golden.json").read_bytes()
    found = json.loads(described)
    hashed = hashlib.sha256(described)
    recordings = []
    for each in found["recordings"]:
        sound = (folder / each["file"]).read_bytes()
        hashed.update(sound)
        audio = base64.b64encode(sound).decode()
        recordings.append(
            Recording(audio, each["text"], float(each["seconds"]), tuple(each["starts"]))
        )
    return GoldenSet(hashed.hexdigest()[:16], tuple(recordings), tuple(found["texts"]))
