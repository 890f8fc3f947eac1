"""`/transcribe` and `/align`, one and many: audio in, text or word times out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response
from pydantic import ValidationError

from voicehost.audio.decode import from_base64
from voicehost.engines.protocol import HEARING_RATE, AlignInput, Audio, Engine, TranscribeInput
from voicehost.errors import RequestError, TooLarge, VoiceError
from voicehost.host import Host
from voicehost.routes import hearing_models as models
from voicehost.routes.catalog import WORK_ERRORS, Endpoint
from voicehost.routes.delivery import StoredAnswer, delivered, delivery
from voicehost.routes.word_times import words_body
from voicehost.routes.work import admit, at, check_batch, check_language
from voicehost.web.bodies import place
from voicehost.web.record import record
from voicehost.web.scope import scope
from voicehost.web.waiting import answer


def endpoints(host: Host) -> list[Endpoint]:
    wav = models.TINY_WAV
    return [
        Endpoint("POST", "/transcribe", "work", "Write down what is said",
                 lambda: _transcribe(host), models.TranscribeAnswer, models.TranscribeRequest,
                 errors=WORK_ERRORS, example={"audio": wav}),
        Endpoint("POST", "/transcribe_batch", "work", "Write down what is said in several files",
                 lambda: _transcribe_batch(host), models.TranscribeBatchAnswer,
                 models.TranscribeBatchRequest, errors=WORK_ERRORS, or_answers=[StoredAnswer],
                 example={"audios": [wav]}),
        Endpoint("POST", "/align", "work", "Find when each word of a known text is said",
                 lambda: _align(host), models.AlignAnswer, models.AlignRequest,
                 errors=WORK_ERRORS, example={"audio": wav, "text": "Good morning."}),
        Endpoint("POST", "/align_batch", "work", "Find word times in several files",
                 lambda: _align_batch(host), models.AlignBatchAnswer, models.AlignBatchRequest,
                 errors=WORK_ERRORS, shapes=[models.AlignItem], or_answers=[StoredAnswer],
                 example={"items": [{"audio": wav, "text": "Good morning."}]}),
    ]  # fmt: skip


def _transcribe(host: Host) -> Response:
    scheduler = host.schedulers["transcribe"]
    body = admit(host, scheduler, models.TranscribeRequest, host.settings.body_mib)
    language = check_language(body.language, scheduler.engine.languages)
    audio = _Intake(host, scheduler.engine).decode("audio", body.audio)

    def build(results: list[Any]) -> dict[str, Any]:
        return {"text": results[0], "success": True}

    return answer(host, scheduler, [TranscribeInput(audio, language)], build)


def _transcribe_batch(host: Host) -> Response:
    scheduler = host.schedulers["transcribe"]
    body = admit(host, scheduler, models.TranscribeBatchRequest, host.settings.body_mib)
    where = delivery(host, body.delivery)
    check_batch(host, "audios", len(body.audios), host.settings.audios)
    language = check_language(body.language, scheduler.engine.languages)
    intake = _Intake(host, scheduler.engine)
    audios = [intake.decode(f"audios[{i}]", audio) for i, audio in enumerate(body.audios)]

    def build(results: list[Any]) -> dict[str, Any]:
        texts = [{"text": text} for text in results]
        answered = {"transcriptions": texts, "count": len(texts), "success": True}
        return delivered(answered, where)

    inputs = [TranscribeInput(audio, language) for audio in audios]
    return answer(host, scheduler, inputs, build, aside=where is not None)


def _align(host: Host) -> Response:
    scheduler = host.schedulers["align"]
    body = admit(host, scheduler, models.AlignRequest, host.settings.body_mib)
    language = check_language(body.language, scheduler.engine.languages)
    item = _align_input(_Intake(host, scheduler.engine), "", body, language)

    def build(results: list[Any]) -> dict[str, Any]:
        return {"words": words_body(results[0]), "success": True}

    return answer(host, scheduler, [item], build)


def _align_batch(host: Host) -> Response:
    scheduler = host.schedulers["align"]
    body = admit(host, scheduler, models.AlignBatchRequest, host.settings.body_mib)
    where = delivery(host, body.delivery)
    check_batch(host, "items", len(body.items), host.settings.audios)
    language = check_language(body.language, scheduler.engine.languages)
    intake = _Intake(host, scheduler.engine)
    inputs = [_or_error(lambda item=item: _any_item(intake, item, language)) for item in body.items]  # type: ignore[misc]
    good = [item for item in inputs if isinstance(item, AlignInput)]

    def build(results: list[Any]) -> dict[str, Any]:
        rest = iter(results)
        outcomes = [next(rest) if isinstance(item, AlignInput) else item for item in inputs]
        alignments = [_alignment(outcome) for outcome in outcomes]
        answered = {"alignments": alignments, "count": len(alignments), "success": True}
        return delivered(answered, where)

    return answer(host, scheduler, good, build, keep_going=True, aside=where is not None)


def _alignment(outcome: Any) -> dict[str, Any]:
    if isinstance(outcome, VoiceError):
        return {"words": [], "error": outcome.message}
    return {"words": words_body(outcome)}


def _or_error(read: Callable[[], AlignInput]) -> AlignInput | RequestError:
    try:
        return read()
    except RequestError as error:
        return error


def _any_item(intake: _Intake, item: Any, language: str) -> AlignInput:
    if not isinstance(item, dict):
        raise RequestError("The item: Input should be an object with audio and text.")
    try:
        return _align_input(intake, "", models.AlignItem.model_validate(item), language)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise RequestError(f"{place(first['loc'])}: {first['msg']}.") from None


def _align_input(intake: _Intake, where: str, item: models.AlignItem, language: str) -> AlignInput:
    most = intake.settings.align_characters
    if len(item.text) > most:
        raise TooLarge(f"{where}text: has {len(item.text)} characters and {most} fit. Cut it.")
    return AlignInput(intake.decode(f"{where}audio", item.audio), item.text, language)


class _Intake:
    """Decodes the audio files of one request and keeps count of their length.

    An engine may take shorter files than the server does: its `most_seconds`.
    """

    def __init__(self, host: Host, engine: Engine) -> None:
        self.settings = host.settings
        engine_takes = getattr(engine, "most_seconds", host.settings.audio_seconds)
        self._longest = min(host.settings.audio_seconds, engine_takes)
        self._gate = host.gate
        self._left = host.settings.request_audio_seconds

    def decode(self, where: str, text: str) -> Audio:
        most = min(self._longest, self._left)
        try:
            audio = from_base64(text, most)
        except TooLarge as error:
            raise at(where, error if most == self._longest else self._full()) from None
        except RequestError as error:
            raise at(where, error) from None
        scope().enter_context(self._gate.memory(audio.nbytes))
        seconds = len(audio) / HEARING_RATE
        self._left -= seconds
        record().items += 1
        record().audio_seconds += seconds
        return audio

    def _full(self) -> TooLarge:
        most = self.settings.request_audio_seconds
        return TooLarge(f"with it the request holds over {most:g} seconds of audio. Send several")
