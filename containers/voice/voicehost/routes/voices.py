"""Which voice speaks each text of a request."""

from __future__ import annotations

from collections.abc import Sequence

from voicehost.errors import RequestError
from voicehost.routes.speech_models import GenerateBatchRequest


def check_voice(place: str, given: str | None, known: Sequence[str]) -> str:
    """The name as the engine has it; empty, for its own speaker, when none is given.

    Raises RequestError.
    """
    name = (given or "").strip().lower()
    if not name:
        return ""
    for voice in known:
        if voice.lower() == name:
            return voice
    raise RequestError(f"{place}: this server speaks as {', '.join(known)} only.")


def voices_of(body: GenerateBatchRequest, known: Sequence[str]) -> list[str]:
    """One for each text. Raises RequestError."""
    count = len(body.texts)
    if body.voices is None:
        return [check_voice("voice", body.voice, known)] * count
    if len(body.voices) != count:
        raise RequestError(
            f"voices: has {len(body.voices)} entries for {count} texts; send one for each."
        )
    return [
        check_voice(f"voices[{index}]", voice, known) for index, voice in enumerate(body.voices)
    ]
