"""Check what somebody wants spoken, before anything is queued."""

from __future__ import annotations

import secrets

from voicehost.errors import RequestError, TooLarge, VoiceError
from voicehost.host import Host
from voicehost.routes.voices import check_voice
from voicehost.routes.work import at, check_language
from voicehost.settings import VoiceHostSettings
from voicehost.speaking.text import SEEDS, SpokenText
from voicehost.text.clean import CONTROL_TOKEN, clean, visible
from voicehost.text.pieces import Piece, cut


def prepare(
    host: Host,
    text: str,
    *,
    place: str = "text",
    instruct: str | None = None,
    language: str | None = None,
    voice: str | None = None,
    seed: int | None = None,
    drawn: bool = False,
    places: tuple[str, str] = ("instruct", "voice"),
) -> SpokenText:
    """One text ready to be spoken; a seed is drawn where none is given and the voice samples.

    `drawn` says that a seed was drawn already. `place` and `places` say what the text, the
    instruct and the voice are called in errors.
    Raises RequestError, TooLarge.
    """
    pieces = pieces_of(place, text, host.settings)
    code = check_language(language, host.schedulers["speak"].engine.languages)
    check_instruct(places[0], instruct, host.settings)
    named = check_voice(places[1], voice, host.voices)
    any_take = drawn or seed is None or not host.samples
    return SpokenText(tuple(pieces), _said(instruct), code, seed_of(host, seed), any_take, named)


def pieces_of(place: str, text: str, settings: VoiceHostSettings) -> list[Piece]:
    """The cleaned text in pieces that an engine takes. Raises RequestError, TooLarge."""
    if len(text) > settings.text_characters:
        raise TooLarge(
            f"{place}: has {len(text)} characters and {settings.text_characters} fit. "
            "Cut it into several texts."
        )
    try:
        return cut(clean(text), settings.piece_characters)
    except VoiceError as error:
        raise at(place, error) from None


def check_instruct(place: str, instruct: str | None, settings: VoiceHostSettings) -> None:
    """Raises TooLarge, or RequestError for a control token of the model."""
    if instruct is None:
        return
    if len(instruct) > settings.instruct_characters:
        raise TooLarge(
            f"{place}: has more than {settings.instruct_characters} characters. Shorten it."
        )
    if CONTROL_TOKEN.search(visible(instruct)):
        raise RequestError(
            f"{place}: holds a control token of the model; remove everything between <| and |>."
        )


def seed_of(host: Host, given: int | None) -> int:
    """The seed itself; else a drawn one, 0 for a voice that does not sample."""
    if given is not None:
        return given % SEEDS
    return secrets.randbelow(SEEDS) if host.samples else 0


def _said(instruct: str | None) -> str:
    return visible(instruct or "").strip()
