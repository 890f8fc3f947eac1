"""Files that are there whole or not at all, whenever the power fails."""

from __future__ import annotations

import os
from pathlib import Path

PART = ".part"


def write_whole(path: Path, data: bytes) -> None:
    """Write beside the file, make sure that it has reached the disk, then take its name."""
    part = path.with_name(f".{path.name}{PART}")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def remove_parts(folder: Path) -> None:
    """Remove what a run that was killed left half written."""
    for part in folder.glob(f".*{PART}"):
        part.unlink(missing_ok=True)
