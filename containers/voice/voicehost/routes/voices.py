"""Which voice speaks each text of a request."""

from __future__ import annotations

from collections.abc import Sequence

from voicehost.errors import RequestError


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
