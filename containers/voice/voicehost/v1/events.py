"""Server-sent events, and speech as such."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from voicehost.audio.wav import in_base64
from voicehost.errand import Errand

FRAMES_A_SECOND = 12.5


def events(parts: Iterator[bytes], text: str, errand: Errand, speed: float) -> Iterator[bytes]:
    """A delta for each part, and the end, which counts characters and frames of 80 ms."""
    for part in parts:
        yield event({"type": "speech.audio.delta", "audio": in_base64(part)})
    frames = round(errand.audio_seconds / speed * FRAMES_A_SECOND)
    usage = {
        "input_tokens": len(text),
        "output_tokens": frames,
        "total_tokens": len(text) + frames,
    }
    yield event({"type": "speech.audio.done", "usage": usage})


def event(fields: Mapping[str, Any]) -> bytes:
    """One, as it is sent."""
    return b"data: " + json.dumps(fields).encode() + b"\n\n"
