"""One text, as it is to be narrated."""

from __future__ import annotations

from dataclasses import dataclass

from voicehost.audio.formats import AudioFormat
from voicehost.errors import EngineFault, RequestError, TooLarge
from voicehost.host import Host
from voicehost.items.call import Item
from voicehost.items.spoken import spoken_of
from voicehost.narration.markers import MarkedText, read_markers
from voicehost.narration.parts import Part, parts_of
from voicehost.neighbour.server import Neighbour
from voicehost.routes.work import at


@dataclass(frozen=True, slots=True)
class Order:
    """`verify` is the word error rate above which a part is spoken again, `attempts` times at most
    in all; None for no check."""

    marked: MarkedText
    parts: tuple[Part, ...]
    format: AudioFormat
    verify: float | None
    attempts: int


def marked_text(host: Host, place: str, written: str) -> MarkedText:
    """Raises RequestError, TooLarge; `place` is what the text is called in them."""
    most = host.settings.text_characters
    if len(written) > most:
        raise TooLarge(
            f"{place}: has {len(written)} characters and {most} fit, markers included. Cut it "
            "into several texts."
        )
    try:
        return read_markers(written)
    except RequestError as error:
        raise at(place, error) from None


def order(host: Host, item: Item) -> Order:
    """Of an item that `narrate_call` made. Raises RequestError, TooLarge."""
    marked = marked_text(host, "text", item["text"])
    parts = parts_of(spoken_of(host, item, marked.plain), marked.text)
    return Order(marked, parts, item["format"], item["verify"], item["attempts"])


def neighbour_of(host: Host) -> Neighbour:
    if host.neighbour is None:
        raise EngineFault("This server knows no WhisperX server beside it.")
    return host.neighbour
