"""Which files of the output folder are ours: only these are ever removed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from gpuvoice.narration.script import SAFE
from gpuvoice.narration.whole_file import write_whole

NAME = "narration.state.json"
FORMAT = 1


class Inventory:
    """The ids of all segments that a run may have written here."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def ids(self) -> list[str]:
        """Those of the runs before; none where the file is not one of ours."""
        try:
            told = json.loads(self._path.read_bytes())
            ids = told["ids"] if told["format"] == FORMAT else []
        except (OSError, ValueError, KeyError, TypeError):
            return []
        return [each for each in ids if _safe(each)] if isinstance(ids, list) else []

    def write(self, ids: Iterable[str]) -> None:
        told = {"format": FORMAT, "ids": list(ids)}
        write_whole(self._path, json.dumps(told, indent=1).encode())


def _safe(name: object) -> bool:
    """Whether it names a file of the folder of clips and no other."""
    return isinstance(name, str) and SAFE.fullmatch(name) is not None
