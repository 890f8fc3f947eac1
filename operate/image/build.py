"""`make image`: the image from this checkout, from weights that were compared with their record."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from config.release import TAG
from operate.failures import CommandError
from operate.image.docker import Docker
from operate.image.layers import layers, table
from operate.image.recipe import Recipe
from operate.image.weights import check_weights


def build(docker: Docker, recipe: Recipe) -> str:
    """Raises CommandError when weights are missing or not those of the record."""
    check_weights(recipe.context)
    docker.require()
    docker.show("build", "--tag", recipe.name, *recipe.arguments())
    found = layers(docker, recipe.name)
    print("\n".join(table(found)))
    size = sum(layer.bytes for layer in found) / 1e9
    return f"{recipe.name} is built: {size:.1f} GB unpacked, set {recipe.kind}."


def revision(checkout: Path) -> str:
    """The commit, with a mark when the checkout differs from it; 'none' outside git."""
    tool = shutil.which("git")
    if tool is None:
        return "none"
    done = subprocess.run(
        [tool, "-C", str(checkout), "describe", "--always", "--dirty", "--abbrev=12"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout.strip() or "none"


def checked_tag(tag: str, example: str) -> str:
    """Raises CommandError for a tag that no release file takes."""
    if not re.fullmatch(TAG, tag):
        raise CommandError(f"say which tag: {example}; letters, digits, '_', '.' and '-'.")
    return tag
