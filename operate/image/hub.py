"""The model hub, asked through its own command, which takes up a download that broke off."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from operate.failures import CommandError
from operate.image.record import LATEST, Weights

# Plain downloads, which can be taken up in the middle.
PLAIN = {"HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_OFFLINE": "0"}
# Of a whole repository: what is for people and for git.
NOT_NEEDED = ("README.md", ".gitattributes", "*.md", "*.msgpack", "*.h5")


def fetch(tool: Path, weights: Weights, folder: Path) -> None:
    """Download into the folder, progress on the screen. Raises CommandError."""
    if not tool.exists():
        raise CommandError("the hub's command is not installed: make weights installs it.")
    revision = weights.revision or LATEST
    done = subprocess.run(
        [
            str(tool), "download", weights.model, *(weights.files or ()),
            *_left_out(weights), "--revision", revision, "--local-dir", str(folder),
        ],
        env={**os.environ, **PLAIN},
        stdout=subprocess.DEVNULL,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise CommandError(
            f"the hub did not give {weights.model} at {revision}; the reason is above. Is the "
            "network there, and HF_ENDPOINT or HF_TOKEN as it should be? The same command goes on "
            "where this one ended."
        )


def commit_of(folder: Path) -> str | None:
    """The commit that the downloader noted for what it put here."""
    notes: Iterable[Path] = (folder / ".cache/huggingface/download").rglob("*.metadata")
    found = {note.read_text(encoding="utf-8").split("\n", 1)[0].strip() for note in notes}
    return found.pop() if len(found) == 1 else None


def _left_out(weights: Weights) -> list[str]:
    if weights.files is not None:
        return []
    return [word for pattern in NOT_NEEDED for word in ("--exclude", pattern)]
