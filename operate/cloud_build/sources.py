"""The committed checkout as a zip: what a build in AWS is made from."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from operate.failures import CommandError

# What the image is made from and with, beside what the build fetches.
INSIDE = ("containers", "operate/image", "Makefile")


def pack(checkout: Path, file: Path) -> str:
    """Write the last commit to `file`; returns the commit.

    Raises CommandError where there is none, or where the image would lack a change: a tag that
    cannot be moved should name a commit.
    """
    commit = _git(checkout, "rev-parse", "--short=12", "HEAD").strip()
    changed = _git(checkout, "status", "--porcelain", "--", *INSIDE).splitlines()
    if changed:
        raise CommandError(
            f"{changed[0][3:]} is not committed{_more(len(changed) - 1)}, and the image would be "
            "built without it: commit, then try again."
        )
    _git(checkout, "archive", "--format=zip", "-o", str(file), "HEAD")
    return commit


def _more(count: int) -> str:
    return f" (and {count} more)" if count else ""


def _git(checkout: Path, *words: str) -> str:
    tool = shutil.which("git")
    if tool is None:
        raise CommandError("git is needed to pack the sources: install it.")
    done = subprocess.run(
        [tool, "-C", str(checkout), *words], capture_output=True, text=True, check=False
    )
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise CommandError(f"git cannot pack the sources of this checkout: {why}")
    return done.stdout
