"""What a Whisper checkpoint in CTranslate2's form can do, read from its files alone."""

from __future__ import annotations

import json
import re
from pathlib import Path

from voicehost.engines.cuda.card import MIB
from voicehost.engines.cuda.checkpoints import model_name, require

# Whisper's vocabulary has this many entries when it knows languages other than English.
MULTILINGUAL_VOCABULARY = 51_865
LANGUAGE_TOKEN = re.compile(r"<\|([a-z]{2,3})\|>")
# Whisper's names where they are not today's ISO 639 codes.
WHISPER_NAMES = {"jv": "jw"}
RETIRED_CODES = ("jw", "iw")
NEEDED = ("model.bin", "config.json", "tokenizer.json")
# large-v3 has one language more than its forerunners and hears 128 bands instead of 80; how many,
# only this file says.
NEEDED_BY_LARGE_V3 = "preprocessor_config.json"


def check_folder(folder: Path) -> None:
    """Raises LoadError that names what is missing: faster-whisper would ask the network for it."""
    for name in NEEDED:
        require(folder, variable="VOICE_ASR_MODEL", needs=name)
    if _knows_more_than_large_v2(folder):
        require(folder, variable="VOICE_ASR_MODEL", needs=NEEDED_BY_LARGE_V3)


def size_name(folder: Path) -> str:
    """The model's name as Whisper users know it: `large-v3`, `tiny.en`."""
    name = model_name(folder).rpartition("/")[2]
    return name.removeprefix("faster-").removeprefix("whisper-")


def languages_of(folder: Path, first: str) -> tuple[str, ...]:
    """ISO 639 codes of the checkpoint's languages, `first` in front; only that one if it is
    missing or cannot be read, which loading it then reports."""
    try:
        known = _languages(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return (first,)
    return (first, *(code for code in known if code != first)) if first in known else known


def weights_mib(folder: Path) -> int:
    return (folder / "model.bin").stat().st_size // MIB


def _languages(folder: Path) -> tuple[str, ...]:
    if _vocabulary_size(folder) < MULTILINGUAL_VOCABULARY:
        return ("en",)
    tokens = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["added_tokens"]
    found = [LANGUAGE_TOKEN.fullmatch(token["content"]) for token in tokens]
    codes = [match[1] for match in found if match]
    modern = [iso for iso, whisper in WHISPER_NAMES.items() if whisper in codes]
    return tuple(code for code in [*codes, *modern] if code not in RETIRED_CODES)


def _knows_more_than_large_v2(folder: Path) -> bool:
    try:
        return _vocabulary_size(folder) > MULTILINGUAL_VOCABULARY
    except (OSError, ValueError):
        return False  # loading it says what is wrong


def _vocabulary_size(folder: Path) -> int:
    as_json = folder / "vocabulary.json"
    if as_json.is_file():
        return len(json.loads(as_json.read_text(encoding="utf-8")))
    return (folder / "vocabulary.txt").read_bytes().count(b"\n")
