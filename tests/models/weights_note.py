"""`weights.json` in a checkpoint's folder: what the weights are, and the checksum of each file."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

NAME = "weights.json"
# Whoever runs the image is another user than whoever wrote the files.
READABLE_BY_ALL = 0o644


def note_weights(folder: Path, *, model: str, revision: str, licence: str) -> None:
    """Write the note of a finished checkpoint and make all of its files readable."""
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.name != NAME)
    note = {
        "model": model,
        "revision": revision,
        "licence": licence,
        "files": {file.relative_to(folder).as_posix(): _checksum(file) for file in files},
    }
    (folder / NAME).write_text(json.dumps(note, indent=2) + "\n", encoding="utf-8")
    for file in (*files, folder / NAME):
        file.chmod(READABLE_BY_ALL)


def _checksum(file: Path) -> str:
    with file.open("rb") as opened:
        return "sha256:" + hashlib.file_digest(opened, "sha256").hexdigest()
