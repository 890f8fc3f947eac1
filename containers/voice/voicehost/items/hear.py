"""`/transcribe_batch` and `/align_batch` as single recordings."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, TypeVar

from voicehost.engines.protocol import AlignInput, TranscribeInput
from voicehost.errand import Errand
from voicehost.errors import QueueFull, RequestError
from voicehost.host import Host
from voicehost.items.call import BatchCall, Item
from voicehost.memory.heard import Heard, Hearing
from voicehost.routes import hearing_models as models
from voicehost.routes.intake import Intake, any_item
from voicehost.routes.word_times import words_body
from voicehost.routes.work import check_batch, check_language

RETRY_SECONDS = 1.0
Decoded = TypeVar("Decoded")


def transcribe_call(host: Host) -> BatchCall:
    def split(body: models.TranscribeBatchRequest) -> list[Item]:
        check_batch(host, "audios", len(body.audios), host.settings.audios)
        language = _language(host, "transcribe", body.language)
        for index, audio in enumerate(body.audios):
            with ExitStack() as held:  # one at a time: what is decoded is not kept
                _intake(host, "transcribe", held).decode(f"audios[{index}]", audio)
        return [{"audio": audio, "language": language} for audio in body.audios]

    def perform(errand: Errand, item: Item) -> dict[str, Any]:
        with ExitStack() as held:
            intake = _intake(host, "transcribe", held)
            audio = _patiently(errand, lambda: intake.decode("audio", item["audio"]))
            heard = _hear(host, "transcribe", errand, TranscribeInput(audio, item["language"]))
        return {"text": heard.text}

    return BatchCall(
        "/transcribe_batch",
        models.TranscribeBatchRequest,
        split,
        perform,
        host.settings.body_mib,
        ("transcribe",),
    )


def align_call(host: Host) -> BatchCall:
    def split(body: models.AlignBatchRequest) -> list[Item]:
        check_batch(host, "items", len(body.items), host.settings.audios)
        language = _language(host, "align", body.language)
        return [{"item": item, "language": language} for item in body.items]

    def perform(errand: Errand, item: Item) -> dict[str, Any]:
        with ExitStack() as held:
            intake = _intake(host, "align", held)
            asked = _patiently(errand, lambda: any_item(intake, item["item"], item["language"]))
            if isinstance(asked, RequestError):
                raise asked
            words = _hear(host, "align", errand, asked)
        return {"words": words_body(words)}

    return BatchCall(
        "/align_batch",
        models.AlignBatchRequest,
        split,
        perform,
        host.settings.body_mib,
        ("align",),
    )


def _intake(host: Host, name: str, held: ExitStack) -> Intake:
    return Intake(host, host.schedulers[name].engine, held=held)


def _patiently(errand: Errand, decode: Callable[[], Decoded]) -> Decoded:
    """Waits until there is memory for the audio. Raises VoiceError."""
    while True:
        try:
            return decode()
        except QueueFull as error:
            wait = error.retry_after or RETRY_SECONDS
        errand.pause(wait)


def _language(host: Host, name: str, given: str | None) -> str:
    return check_language(given, host.schedulers[name].engine.languages)


def _hear(host: Host, name: str, errand: Errand, heard: TranscribeInput | AlignInput) -> Any:
    inputs: list[Heard] = [heard]
    hearing = Hearing(host, name, inputs, errand.wish)
    results = errand.run(host.schedulers[name], hearing.payloads(), patient=True)
    return hearing.outcomes(results)[0]
