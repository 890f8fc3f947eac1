"""`/transcribe` and `/align`, one and many: audio in, text or word times out."""

from __future__ import annotations

from typing import Any

from flask import Response

from voicehost.engines.protocol import AlignInput, TranscribeInput
from voicehost.errors import VoiceError
from voicehost.host import Host
from voicehost.items.hear import align_call, transcribe_call
from voicehost.jobs.accept import JOB_ANSWERS, job_of, refuse_callback
from voicehost.memory.heard import Hearing
from voicehost.routes import hearing_models as models
from voicehost.routes.catalog import WORK_ERRORS, Endpoint
from voicehost.routes.delivery import StoredAnswer, delivered, delivery
from voicehost.routes.intake import Intake, align_input, any_item
from voicehost.routes.word_times import words_body
from voicehost.routes.work import admit, check_batch, check_language
from voicehost.web.waiting import answer, wish


def endpoints(host: Host) -> list[Endpoint]:
    wav = models.TINY_WAV
    transcriptions, alignments = transcribe_call(host), align_call(host)
    return [
        Endpoint("POST", "/transcribe", "work", "Write down what is said",
                 lambda: _transcribe(host), models.TranscribeAnswer, models.TranscribeRequest,
                 errors=WORK_ERRORS, example={"audio": wav}),
        Endpoint("POST", "/transcribe_batch", "work", "Write down what is said in several files",
                 lambda: job_of(host, transcriptions) or _transcribe_batch(host),
                 models.TranscribeBatchAnswer, models.TranscribeBatchRequest, errors=WORK_ERRORS,
                 or_answers=[StoredAnswer], **JOB_ANSWERS,
                 example={"audios": [wav]}),
        Endpoint("POST", "/align", "work", "Find when each word of a known text is said",
                 lambda: _align(host), models.AlignAnswer, models.AlignRequest,
                 errors=WORK_ERRORS, example={"audio": wav, "text": "Good morning."}),
        Endpoint("POST", "/align_batch", "work", "Find word times in several files",
                 lambda: job_of(host, alignments) or _align_batch(host), models.AlignBatchAnswer,
                 models.AlignBatchRequest, errors=WORK_ERRORS, shapes=[models.AlignItem],
                 or_answers=[StoredAnswer], **JOB_ANSWERS,
                 example={"items": [{"audio": wav, "text": "Good morning."}]}),
    ]  # fmt: skip


def _transcribe(host: Host) -> Response:
    scheduler = host.schedulers["transcribe"]
    body = admit(host, scheduler, models.TranscribeRequest, host.settings.body_mib)
    language = check_language(body.language, scheduler.engine.languages)
    audio = Intake(host, scheduler.engine).decode("audio", body.audio)
    hearing = Hearing(host, "transcribe", [TranscribeInput(audio, language)], wish())

    def build(results: list[Any]) -> dict[str, Any]:
        return {"text": hearing.outcomes(results)[0].text, "success": True}

    return answer(host, scheduler, hearing.payloads(), build)


def _transcribe_batch(host: Host) -> Response:
    scheduler = host.schedulers["transcribe"]
    body = admit(host, scheduler, models.TranscribeBatchRequest, host.settings.body_mib)
    refuse_callback(body.callback)
    where = delivery(host, body.delivery)
    check_batch(host, "audios", len(body.audios), host.settings.audios)
    language = check_language(body.language, scheduler.engine.languages)
    intake = Intake(host, scheduler.engine)
    audios = [intake.decode(f"audios[{i}]", audio) for i, audio in enumerate(body.audios)]

    inputs = [TranscribeInput(audio, language) for audio in audios]
    hearing = Hearing(host, "transcribe", inputs, wish())

    def build(results: list[Any]) -> dict[str, Any]:
        texts = [{"text": heard.text} for heard in hearing.outcomes(results)]
        answered = {"transcriptions": texts, "count": len(texts), "success": True}
        return delivered(answered, where)

    return answer(host, scheduler, hearing.payloads(), build)


def _align(host: Host) -> Response:
    scheduler = host.schedulers["align"]
    body = admit(host, scheduler, models.AlignRequest, host.settings.body_mib)
    language = check_language(body.language, scheduler.engine.languages)
    item = align_input(Intake(host, scheduler.engine), body, language)
    hearing = Hearing(host, "align", [item], wish())

    def build(results: list[Any]) -> dict[str, Any]:
        return {"words": words_body(hearing.outcomes(results)[0]), "success": True}

    return answer(host, scheduler, hearing.payloads(), build)


def _align_batch(host: Host) -> Response:
    scheduler = host.schedulers["align"]
    body = admit(host, scheduler, models.AlignBatchRequest, host.settings.body_mib)
    refuse_callback(body.callback)
    where = delivery(host, body.delivery)
    check_batch(host, "items", len(body.items), host.settings.audios)
    language = check_language(body.language, scheduler.engine.languages)
    intake = Intake(host, scheduler.engine)
    inputs = [any_item(intake, item, language) for item in body.items]
    good = [item for item in inputs if isinstance(item, AlignInput)]
    hearing = Hearing(host, "align", good, wish())

    def build(results: list[Any]) -> dict[str, Any]:
        rest = iter(hearing.outcomes(results))
        outcomes = [next(rest) if isinstance(item, AlignInput) else item for item in inputs]
        alignments = [_alignment(outcome) for outcome in outcomes]
        answered = {"alignments": alignments, "count": len(alignments), "success": True}
        return delivered(answered, where)

    return answer(host, scheduler, hearing.payloads(), build, keep_going=True)


def _alignment(outcome: Any) -> dict[str, Any]:
    if isinstance(outcome, VoiceError):
        return {"words": [], "error": outcome.message}
    return {"words": words_body(outcome)}
