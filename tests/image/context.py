"""The build context: containers/voice as it is, with small checkpoints and a torch for the CPU."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from operate.failures import CommandError
from operate.image.recipe import TORCH
from tests.models.cached import cached
from tests.models.make import make_models

VOICE = Path(__file__).parents[2] / "containers/voice"
# What make weights and a person put beside the sources.
PUT_THERE = shutil.ignore_patterns("*.whl", "__pycache__")


def make_context(folder: Path, kind: str) -> Path:
    """Raises CommandError when the set's torch cannot be had."""
    context = folder / "context"
    shutil.copytree(VOICE, context, ignore=_put_there)
    shutil.copytree(cached("models", make_models), context / "models")
    if TORCH[kind]:
        _torch(TORCH[kind], context / "wheels")
    return context


def _put_there(folder: str, names: list[str]) -> set[str]:
    models = {"models"} if Path(folder) == VOICE else set()
    return {*models, *PUT_THERE(folder, names)}


def _torch(requirement: str, wheels: Path) -> None:
    """The wheel that this machine's pip finds: a build inside the container may find another."""
    done = subprocess.run(
        [
            sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir",
            "--dest", str(wheels), requirement,
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise CommandError(f"pip has no {requirement}: {done.stderr.strip()[-300:]}")
