"""Names of models that OpenAI's clients ask for; each server does them with the model it has."""

from __future__ import annotations

import re
from collections.abc import Sequence

from voicehost.errors import UnknownModel

SPEECH_MODELS = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts", "gpt-4o-mini-tts-2025-12-15")
TRANSCRIPTION_MODELS = (
    "whisper-1",
    "gpt-transcribe",
    "gpt-4o-transcribe",
    "gpt-4o-mini-transcribe",
    "gpt-4o-mini-transcribe-2025-12-15",
)
MOST_SHOWN = 80
# OpenAI names the states of a model by their day: gpt-4o-mini-tts-2025-12-15.
_DAY = re.compile(r"-[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def check_model(given: str, own: str, known: Sequence[str]) -> None:
    """Raises UnknownModel unless it is the server's own model or stands for it, on whatever day."""
    if given not in (own, *known) and _DAY.sub("", given) not in known:
        raise UnknownModel(
            f"model: there is no {given[:MOST_SHOWN]!r} here; use {own}, or one of the names "
            f"{', '.join(known)}."
        )
