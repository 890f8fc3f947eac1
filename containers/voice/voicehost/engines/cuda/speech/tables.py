"""What a checkpoint's configuration has ids for: languages and speakers, by their names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from voicehost.engines.protocol import LoadError

Table = Literal["codec_language_id", "spk_id"]


def names_in(folder: Path, table: Table) -> set[str]:
    """Names in lower case. Raises LoadError when the configuration cannot be read."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        return {name.lower() for name in config["talker_config"][table]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise LoadError(
            f"{folder} holds no Qwen3-TTS checkpoint: its config.json is missing or not like one. "
            "Put the weights there (make weights), or name their folder in VOICE_TTS_MODEL."
        ) from None
