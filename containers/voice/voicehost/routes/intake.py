"""The audio files of one request: decoded, bounded, counted."""

from __future__ import annotations

from contextlib import ExitStack

from pydantic import ValidationError

from voicehost.audio.decode import bytes_expected, from_file, unpacked
from voicehost.engines.protocol import HEARING_RATE, AlignInput, Audio, Engine
from voicehost.errors import RequestError, TooLarge
from voicehost.host import Host
from voicehost.routes.hearing_models import AlignItem
from voicehost.routes.work import at
from voicehost.web.bodies import place
from voicehost.web.record import Record, record
from voicehost.web.scope import scope


class Intake:
    """Decodes the audio files of one call and keeps count of their length.

    An engine may take shorter files than the server does: its `most_seconds`. The memory is held
    until `held` is closed, and the count is noted in `note`: both the current request's when left
    out.
    """

    def __init__(
        self,
        host: Host,
        engine: Engine,
        *,
        held: ExitStack | None = None,
        note: Record | None = None,
    ) -> None:
        self.settings = host.settings
        engine_takes = getattr(engine, "most_seconds", host.settings.audio_seconds)
        self._longest = min(host.settings.audio_seconds, engine_takes)
        self._gate = host.gate
        self._left = host.settings.request_audio_seconds
        self._held = scope() if held is None else held
        self._note = record() if held is None else note

    def decode(self, where: str, text: str) -> Audio:
        """Base64 of a file. Raises RequestError, TooLarge, QueueFull."""
        try:
            data = unpacked(text)
        except RequestError as error:
            raise at(where, error) from None
        return self.decode_file(where, data)

    def decode_file(self, where: str, data: bytes) -> Audio:
        """The file itself. Raises RequestError, TooLarge, QueueFull."""
        most = min(self._longest, self._left)
        with ExitStack() as holding:
            # Whoever finds no memory has decoded nothing.
            held = holding.enter_context(self._gate.memory(bytes_expected(data, most)))
            audio = self._decoded(where, data, most)
            held.resize(audio.nbytes)
            self._held.push(holding.pop_all())
        seconds = len(audio) / HEARING_RATE
        self._left -= seconds
        if self._note is not None:
            self._note.items += 1
            self._note.audio_seconds += seconds
        return audio

    def _decoded(self, where: str, data: bytes, most: float) -> Audio:
        try:
            return from_file(data, most)
        except TooLarge as error:
            raise at(where, error if most == self._longest else self._full()) from None
        except RequestError as error:
            raise at(where, error) from None

    def _full(self) -> TooLarge:
        most = self.settings.request_audio_seconds
        return TooLarge(f"with it the request holds over {most:g} seconds of audio. Send several")


def align_input(intake: Intake, item: AlignItem, language: str) -> AlignInput:
    """Raises RequestError, TooLarge."""
    most = intake.settings.align_characters
    if len(item.text) > most:
        raise TooLarge(f"text: has {len(item.text)} characters and {most} fit. Cut it.")
    return AlignInput(intake.decode("audio", item.audio), item.text, language)


def any_item(intake: Intake, item: object, language: str) -> AlignInput | RequestError:
    """One item of a batch, or what is wrong with it."""
    try:
        if not isinstance(item, dict):
            raise RequestError("The item: Input should be an object with audio and text.")
        return align_input(intake, AlignItem.model_validate(item), language)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return RequestError(f"{place(first['loc'])}: {first['msg']}.")
    except RequestError as error:
        return error
