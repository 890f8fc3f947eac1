"""Qwen3-TTS calls languages by their English names; requests use ISO 639-1 codes."""

from __future__ import annotations

import json
from pathlib import Path

from voicehost.engines.protocol import LoadError

NAMES = {
    "zh": "chinese",
    "en": "english",
    "de": "german",
    "it": "italian",
    "pt": "portuguese",
    "es": "spanish",
    "ja": "japanese",
    "ko": "korean",
    "fr": "french",
    "ru": "russian",
}


def spoken_languages(folder: Path, first: str) -> tuple[str, ...]:
    """Codes of the languages that a checkpoint speaks, `first` in front.

    Raises LoadError when its configuration cannot be read or lacks that one.
    """
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        known = {name.lower() for name in config["talker_config"]["codec_language_id"]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise LoadError(
            f"{folder} holds no Qwen3-TTS checkpoint: its config.json is missing or not like one. "
            "Put the weights there (make weights), or name their folder in VOICE_TTS_MODEL."
        ) from None
    codes = [code for code, name in NAMES.items() if name in known]
    if first not in codes:
        raise LoadError(f"VOICE_LANGUAGE is {first}, and the voice speaks {', '.join(codes)}.")
    return (first, *(code for code in codes if code != first))
