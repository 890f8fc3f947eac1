"""`Accept: audio/...`: the answer is the audio itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request

from voicehost.audio.formats import AudioFormat
from voicehost.errors import NotAcceptable

ACCEPTED: Mapping[str, AudioFormat] = {
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "audio/vnd.wave": "wav",
    "audio/flac": "flac",
    "audio/x-flac": "flac",
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
    "audio/x-mpeg": "mp3",
    "audio/ogg": "opus",
    "audio/opus": "opus",
    "audio/aac": "aac",
    "audio/pcm": "pcm",
}
JSON = "application/json"
MOST_SHOWN = 80
BINARY = {"type": "string", "format": "binary"}
KINDS = tuple(f"audio/{name}" for name in ("wav", "flac", "mpeg", "ogg", "aac", "pcm"))
AUDIO_ANSWERS: Mapping[str, Mapping[str, Any]] = dict.fromkeys(KINDS, BINARY)
AUDIO_ERRORS: Mapping[int, str] = {
    406: "`Accept` names audio types alone, and none of those that there are."
}
TAKE_HEADERS = {
    "X-Voice-Seed": "seed",
    "X-Finish-Reason": "finish_reason",
    "X-Voice-Reused": "reused",
}


def wanted_format() -> AudioFormat | None:
    """The format that the caller would rather have than JSON; None for JSON.

    JSON is what callers get that take anything, or nothing that there is; but audio types alone
    are the wish for a file, which a player would not find in JSON. Raises NotAcceptable for those.
    """
    accepted = request.accept_mimetypes
    best = accepted.best_match([JSON, *ACCEPTED], default=JSON)
    if best == JSON or accepted[JSON] >= accepted[best]:
        _check_not_audio_alone()
        return None
    return ACCEPTED[best]


def take_headers(response: Response, take: Mapping[str, Any]) -> Response:
    """The same answer, saying how its clip came to be, as far as `take` knows it."""
    for name, field in TAKE_HEADERS.items():
        if field in take:
            response.headers[name] = _as_text(take[field])
    return response


def _check_not_audio_alone() -> None:
    asked = [kind.lower() for kind, quality in request.accept_mimetypes if quality > 0]
    if asked and all(kind.startswith("audio/") for kind in asked):
        raise NotAcceptable(
            f"Accept: there is no {asked[0][:MOST_SHOWN]!r} here; ask for one of "
            f"{', '.join(KINDS)}, or for {JSON}."
        )


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
