"""Take off what clients put around a text, and refuse what no voice can say."""

from __future__ import annotations

import re
import unicodedata

from voicehost.errors import RequestError

SPEAKER = re.compile(r"^\s*Speaker \d+: ")
AMAZING = " Amazing."
CONTROL_TOKEN = re.compile(r"<\|[^|<>]{0,64}\|>")


def clean(text: str) -> str:
    """The text to speak: decorations for an older engine and invisible characters removed.

    `Speaker N: ` at the start goes, and so does ` Amazing.` at the end with the dots and spaces
    before it. White space of any kind becomes one space. Raises RequestError for a control
    token of the model, and when nothing is left to say.
    """
    text = visible(text)
    if CONTROL_TOKEN.search(text):
        raise RequestError(
            "holds a control token of the model (such as <|im_end|>), which would change how it "
            "speaks: remove everything between <| and |>"
        )
    text = SPEAKER.sub("", text, count=1).rstrip()
    if text.endswith(AMAZING):
        text = text[: -len(AMAZING)].rstrip(". ")
    text = " ".join(text.split())
    if not text:
        raise RequestError("is empty after cleaning: nothing is left to say, so send some words")
    if not any(c.isalnum() for c in text):
        raise RequestError("has no letter or digit: nothing can be said, so send some words")
    return text


def visible(text: str) -> str:
    """The text without characters that are not seen; control characters part words."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co") else _stand_in(c) for c in text
    )


def _stand_in(character: str) -> str:
    # Emoji and some scripts need their joiners; other invisible characters part words or vanish.
    if character in "\u200c\u200d":
        return character
    return " " if unicodedata.category(character) == "Cc" else ""
