"""The small checkpoints are laid out and described as those of an image."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.models.tiny_voice import make_voice

PARTS = ["tts", "asr", "align/en", "align/de", "nltk"]


@pytest.mark.parametrize("part", PARTS)
def test_each_folder_says_what_it_holds(models: Path, part: str) -> None:
    folder = models / part
    note = json.loads((folder / "weights.json").read_text(encoding="utf-8"))
    assert all(note[name] for name in ("model", "revision", "licence"))
    files = {file for file in folder.rglob("*") if file.is_file() and file.name != "weights.json"}
    assert set(note["files"]) == {file.relative_to(folder).as_posix() for file in files}
    for name, checksum in note["files"].items():
        content = (folder / name).read_bytes()
        assert checksum == "sha256:" + hashlib.sha256(content).hexdigest()


def test_another_user_can_read_them(models: Path) -> None:
    for file in models.rglob("*"):
        assert file.stat().st_mode & 0o004, file


def test_the_same_seed_makes_the_same_voice_and_another_another(
    models: Path, tmp_path: Path
) -> None:
    first = (models / "tts/model.safetensors").read_bytes()
    for seed in (0, 1):
        make_voice(tmp_path / str(seed), seed=seed)
        made = (tmp_path / str(seed) / "model.safetensors").read_bytes()
        assert (made == first) == (seed == 0)
