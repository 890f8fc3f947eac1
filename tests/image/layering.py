"""What a new version moves: the layers that a change of the code makes anew, in bytes."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from operate.image.docker import Docker
from operate.image.layers import Layer, layers
from operate.image.recipe import Recipe
from tests.image.report import Report

ORDER = [
    "base", "voice", "transcription", "alignment", "sentence rules", "torch and CUDA",
    "system packages", "Python packages", "code",
]  # fmt: skip
CODE_BYTES = 5_000_000


def check_layers(report: Report, docker: Docker, recipe: Recipe, before: Sequence[Layer]) -> None:
    """Change the code in the build context, build again, compare."""
    held = [layer.holds for layer in before]
    report.check("weights lie below packages, code above all", held == ORDER, ", ".join(held))
    source = recipe.context / "voicehost/__init__.py"
    source.write_text(source.read_text(encoding="utf-8") + "CHANGED = True\n", encoding="utf-8")
    again = dataclasses.replace(recipe, tag=f"{recipe.tag}-changed")
    try:
        with report.step("The image again, after a change of the code"):
            docker("build", "--quiet", "--tag", again.name, *again.arguments())
        after = layers(docker, again.name)
    finally:
        docker.tries("rmi", "--force", again.name)
    kept = {layer.digest for layer in before}
    moved = [layer for layer in after if layer.digest not in kept]
    size = sum(layer.bytes for layer in moved)
    good = [layer.holds for layer in moved] == ["code"] and size < CODE_BYTES
    report.check("a change of the code moves its layer alone", good, f"{size / 1e6:.1f} MB")
