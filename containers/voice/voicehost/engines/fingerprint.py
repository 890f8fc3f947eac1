"""What tells one model from another, so that nobody takes the result of one for the other's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
# What a result passes on its way from the request to the answer.
SHAPING = ("alignment", "audio", "engines", "speaking", "text")
MIB = 1024 * 1024


def fingerprint(model: str, packages: tuple[str, ...], *settings: object) -> str:
    """64 hexadecimal digits that change with the model's name, the versions of these packages, the
    settings, and this package's own code."""
    parts = [model, {name: _version(name) for name in packages}, [repr(each) for each in settings]]
    return hashlib.sha256(json.dumps([*parts, _code(PACKAGE)], sort_keys=True).encode()).hexdigest()


def folder_digest(folder: Path) -> str:
    """64 hexadecimal digits that change with a checkpoint: a few milliseconds, whatever its size.

    They cover each file's name and length, all of a small file, and the first and last MiB of a
    large one: weights that were trained further differ there, and to read all would take long.
    """
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        size = path.stat().st_size
        digest.update(json.dumps([path.relative_to(folder).as_posix(), size]).encode())
        for part in _ends(path, size):
            digest.update(part)
    return digest.hexdigest()


def _ends(path: Path, size: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield file.read(MIB)
        if size > MIB:
            file.seek(max(MIB, size - MIB))
            yield file.read(MIB)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


@cache
def _code(package: Path) -> str:
    digest = hashlib.sha256()
    for part in SHAPING:
        for path in sorted((package / part).rglob("*.py")):
            digest.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
