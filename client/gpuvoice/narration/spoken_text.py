"""What is said of a written text."""

from __future__ import annotations

import re

SPEAKER = re.compile(r"^\s*Speaker \d+: ")
AMAZING = " Amazing."


def spoken(text: str) -> str:
    """What the voice says of a text: the servers leave decorations for an older engine out."""
    text = SPEAKER.sub("", text, count=1).rstrip()
    if text.endswith(AMAZING):
        text = text[: -len(AMAZING)].rstrip(". ")
    return " ".join(text.split())
