"""The recipes as docs/recipes.md shows them, and how one is run."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.conftest import ROOT, find_node, need
from tests.e2e.consumers.proxies import clean_environment

PAGE = ROOT / "docs/recipes.md"
FOLDER = ROOT / "examples/recipes"
BLOCK = re.compile(r"<!-- examples/recipes/(\S+) -->\n```\w+\n(.*?\n)```\n", re.DOTALL)
RUN_SECONDS = 240


def shown() -> dict[str, str]:
    """The text of each recipe in the document, by the name of its file."""
    return dict(BLOCK.findall(PAGE.read_text(encoding="utf-8")))


def run(name: str, folder: Path, urls: Mapping[str, str]) -> str:
    """Run a recipe of the document in a folder; what it printed. `urls` replace those in it."""
    done = attempted(name, folder, urls)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def attempted(name: str, folder: Path, urls: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """The same for one that may fail."""
    text = shown()[name]
    for said, meant in urls.items():
        text = text.replace(said, meant)
    file = folder / name
    file.write_text(text, encoding="utf-8")
    if file.suffix == ".mjs" and not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(ROOT / "node_modules")
    return subprocess.run(
        [*_program(file.suffix), str(file)], cwd=folder, capture_output=True, text=True,
        timeout=RUN_SECONDS, check=False, env=_environment(urls),
    )  # fmt: skip


def _program(suffix: str) -> list[str]:
    if suffix == ".mjs":
        return [need(find_node())]
    return {".py": [sys.executable], ".sh": ["bash", "-euo", "pipefail"]}[suffix]


def _environment(urls: Mapping[str, str]) -> dict[str, str]:
    speech = urls["http://localhost:5000"]
    return {**clean_environment(), "PYTHONPATH": str(ROOT / "client"), "TTS_SERVER_URL": speech}
