"""Whose voices a checkpoint has."""

from __future__ import annotations

from pathlib import Path

from voicehost.engines.cuda.speech.tables import names_in


def speakers(folder: Path, first: str) -> tuple[str, ...]:
    """Names in lower case, `first` in front whether the checkpoint has it or not: load() says so.

    Raises LoadError when its configuration cannot be read.
    """
    own = first.lower()
    return (own, *sorted(names_in(folder, "spk_id") - {own}))
