"""A text that is ready to be spoken as an item that JSON can hold, and back."""

from __future__ import annotations

from voicehost.host import Host
from voicehost.items.call import Item
from voicehost.speaking.prepare import prepare
from voicehost.speaking.text import SpokenText


def spoken_item(written: str, text: SpokenText) -> Item:
    """`written` is the text as it was sent."""
    return {
        "text": written,
        "instruct": text.instruct,
        "language": text.language,
        "voice": text.voice,
        "seed": text.seed,
        "drawn": text.drawn,
    }


def spoken_of(host: Host, item: Item, text: str) -> SpokenText:
    """The item's `text`, or what is left of it to say. Raises RequestError, TooLarge."""
    return prepare(
        host,
        text,
        instruct=item["instruct"],
        language=item["language"],
        voice=item["voice"],
        seed=item["seed"],
        drawn=item["drawn"],
    )
