"""containers/voice/weights.json: which weights the image holds, and the checksum of each file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from operate.failures import CommandError

COMMIT = re.compile(r"[0-9a-f]{40}")
LATEST = "main"
ALIGN = "align/"
ALWAYS = ("tts", "asr", "align/en")
FREE = ("Apache-2.0", "MIT", "BSD-3-Clause")


@dataclass(frozen=True, slots=True)
class File:
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Weights:
    """A checkpoint on the hub. `revision` and `files` are None until they have been recorded."""

    model: str
    licence: str
    revision: str | None
    files: Mapping[str, File] | None

    @property
    def recorded(self) -> bool:
        return self.files is not None and bool(COMMIT.fullmatch(self.revision or ""))

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in (self.files or {}).values())


def load_record(file: Path) -> dict[str, Weights]:
    """By folder below /models. Raises CommandError for a file that is none."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return {folder: _weights(values) for folder, values in found.items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CommandError(f"{file.name} cannot be read: {error}") from None


def save_record(file: Path, record: Mapping[str, Weights]) -> None:
    values = {folder: asdict(weights) for folder, weights in record.items()}
    file.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


def chosen(record: Mapping[str, Weights], languages: list[str], accepted: str) -> list[str]:
    """The folders to fill. Raises CommandError for a language without a model, and for a licence
    that binds its user and was not accepted by name."""
    folders = list(ALWAYS)
    for language in languages:
        folder = ALIGN + language
        if folder not in record:
            known = ", ".join(sorted(n.removeprefix(ALIGN) for n in record if ALIGN in n))
            raise CommandError(f"no alignment model is named for {language}; there are {known}.")
        if folder not in folders:
            folders.append(folder)
    for folder in folders:
        licence = record[folder].licence
        if licence not in FREE and licence.lower() != accepted.lower():
            raise CommandError(
                f"{record[folder].model} is under {licence}: not for commercial use. If yours is "
                f"allowed, say ACCEPT={licence.lower()}; else leave {folder.removeprefix(ALIGN)} "
                "out."
            )
    return folders


def _weights(values: dict[str, object]) -> Weights:
    files = values["files"]
    if files is not None and not isinstance(files, dict):
        raise TypeError("files is a table or null")
    revision = values["revision"]
    return Weights(
        str(values["model"]),
        str(values["licence"]),
        None if revision is None else str(revision),
        None if files is None else {name: File(**each) for name, each in files.items()},
    )
