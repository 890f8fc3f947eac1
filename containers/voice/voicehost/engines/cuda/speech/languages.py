"""Qwen3-TTS calls languages by their English names; requests use ISO 639-1 codes."""

from __future__ import annotations

from pathlib import Path

from voicehost.engines.cuda.speech.tables import names_in
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
    known = names_in(folder, "codec_language_id")
    codes = [code for code, name in NAMES.items() if name in known]
    if first not in codes:
        raise LoadError(f"VOICE_LANGUAGE is {first}, and the voice speaks {', '.join(codes)}.")
    return (first, *(code for code in codes if code != first))
