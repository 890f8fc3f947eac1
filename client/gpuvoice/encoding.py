"""Audio inside JSON."""

from __future__ import annotations

import base64
import binascii

from gpuvoice.errors import ServerFailed


def to_text(audio: bytes) -> str:
    return base64.b64encode(audio).decode("ascii")


def to_audio(text: object) -> bytes:
    """Raises ServerFailed for what is not base64."""
    try:
        return base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        raise ServerFailed("The server sent audio that is not base64.") from None
