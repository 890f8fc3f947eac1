"""The file of settings, written so that nobody else reads a key in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

PRIVATE, SHARED = 0o600, 0o644


def write_config(file: Path, entries: Mapping[str, str]) -> None:
    """Complete or not at all; for its owner alone if it holds a key."""
    file.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp makes it for its owner alone, from the beginning.
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump(dict(entries), out, indent=2)
            out.write("\n")
        secret = "api_key" in entries or any("@" in value for value in entries.values())
        Path(name).chmod(PRIVATE if secret else SHARED)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def not_ignored(file: Path) -> bool:
    """Whether git would take the file into a commit."""
    git = shutil.which("git")
    if git is None:
        return False
    done = subprocess.run(  # noqa: S603 - git of PATH, and a file of ours
        [git, "-C", str(file.parent), "check-ignore", "-q", file.name],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    # 0: ignored, 1: not ignored, 128: no work tree.
    return done.returncode == 1
