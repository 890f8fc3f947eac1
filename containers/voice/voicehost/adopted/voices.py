"""Who speaks on a team's own server: only its `/health` can say that there is a choice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from voicehost.routes.voices import check_voice

NO_NAME = "?"


def own_voices(told: Mapping[str, Any], speaker: str) -> list[str]:
    """The voices that the team's `/health` lists, or its speaker alone, or else `speaker`."""
    listed = told.get("voices")
    if isinstance(listed, list) and listed and all(isinstance(name, str) for name in listed):
        return listed
    return [str(told.get("speaker", speaker))]


def refuse_other_voices(body: bytes, own: Sequence[str]) -> None:
    """Raises RequestError where the JSON in `body` asks for a voice that is not among `own`.

    What is no JSON object is left to the team's application.
    """
    if b'"voice' not in body:
        return
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return
    if isinstance(fields, dict):
        for place, name in _asked(fields):
            check_voice(place, name if isinstance(name, str | None) else NO_NAME, own)


def _asked(fields: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    yield "voice", fields.get("voice")
    each = fields.get("voices")
    if isinstance(each, list):
        yield from ((f"voices[{index}]", name) for index, name in enumerate(each))
    else:
        yield "voices", each
