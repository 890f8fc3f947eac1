"""docs/emulator.md tells what the emulated cloud adds."""

from __future__ import annotations

import re
from importlib.metadata import version

from tests.emulator.children import ROOT
from tests.emulator.extension import MINISTACK, PARTS

PAGE = (ROOT / "docs/emulator.md").read_text(encoding="utf-8")
FOLDER = ROOT / "tests/emulator/extension"


def test_every_part_has_its_row_and_every_row_its_part() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    names = [part.__name__.rpartition(".")[2] for part in PARTS]
    assert sorted(rows) == sorted(names)


def test_every_file_that_patches_is_installed() -> None:
    patching = {
        file.stem
        for file in FOLDER.glob("*.py")
        if file.stem != "__init__" and "\ndef install()" in file.read_text(encoding="utf-8")
    }
    assert patching == {part.__name__.rpartition(".")[2] for part in PARTS}


def test_the_page_names_the_version_that_is_installed() -> None:
    assert f"MiniStack {MINISTACK}" in PAGE
    assert version("ministack") == MINISTACK
