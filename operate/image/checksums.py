"""Whether a folder holds the files of a record, byte for byte."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from operate.image.record import File, Weights

NOTE = "weights.json"
CACHE = ".cache"
# Readable by the user that the servers run as; one date, so that the same bytes make one layer.
MODE, DATE = 0o644, 1_577_836_800


def measured(file: Path) -> File:
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return File(file.stat().st_size, digest)


def faults(folder: Path, weights: Weights) -> Iterator[str]:
    """A phrase for each file that is missing, differs or is not in the record."""
    recorded = weights.files or {}
    for name, wanted in recorded.items():
        file = folder / name
        if not file.is_file():
            yield f"{name} is missing"
        elif file.stat().st_size != wanted.bytes:
            yield f"{name} has {file.stat().st_size} bytes, and the record says {wanted.bytes}"
        elif measured(file) != wanted:
            yield f"{name} has another checksum than the record"
    for name in sorted(set(present(folder)) - set(recorded)):
        yield f"{name} is not in the record"


def present(folder: Path) -> dict[str, Path]:
    """Every file of a checkpoint by its name, without the downloader's own and our note."""
    files = (file for file in folder.rglob("*") if file.is_file()) if folder.is_dir() else ()
    named = {file.relative_to(folder).as_posix(): file for file in files}
    return {n: f for n, f in named.items() if n != NOTE and not n.startswith(f"{CACHE}/")}


def seal(folder: Path, weights: Weights) -> None:
    """Write the note that the servers read, and give all files the same date and mode."""
    note = {
        "model": weights.model,
        "revision": weights.revision,
        "licence": weights.licence,
        "files": {name: f"sha256:{file.sha256}" for name, file in (weights.files or {}).items()},
    }
    (folder / NOTE).write_text(json.dumps(note, indent=2) + "\n", encoding="utf-8")
    for path in [*folder.rglob("*"), folder]:
        path.chmod(0o755 if path.is_dir() else MODE)
        os.utime(path, (DATE, DATE))
