"""Checkpoint folders: only local ones are ever loaded."""

from __future__ import annotations

import json
from pathlib import Path

from voicehost.engines.cuda.faults import is_out_of_memory
from voicehost.engines.protocol import LoadError

RECORD = "weights.json"


def require(folder: Path, *, variable: str, needs: str) -> Path:
    """The folder, if the file `needs` is in it. Raises LoadError that names folder and setting."""
    if not (folder / needs).is_file():
        raise LoadError(
            f"{folder} holds no checkpoint ({needs} is missing). Put the weights there "
            f"(make weights), or name their folder in {variable}."
        )
    return folder


def model_name(folder: Path) -> str:
    """The model's name from the record beside its weights, else the folder's name."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return str(record["model"])
    except (OSError, ValueError, KeyError, TypeError):
        return folder.name


def why_not(folder: Path, error: BaseException, *, kind: str, limit: str) -> str:
    """A sentence about what kept the model in this folder from being loaded or from working.

    `kind` names the model, `limit` the setting of the server's share of the card.
    """
    if is_out_of_memory(error):
        return (
            f"The GPU memory of this server does not hold the model in {folder}. Raise {limit}, or "
            "take a larger card."
        )
    first = str(error).strip().splitlines() or [""]
    return f"{folder} cannot be loaded as {kind} ({type(error).__name__}: {first[0][:200]})."
