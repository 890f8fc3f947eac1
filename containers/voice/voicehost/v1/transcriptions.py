"""`POST /v1/audio/transcriptions`: a recording is written down, as text or as subtitles."""

from __future__ import annotations

from typing import cast

from flask import Response, jsonify

from voicehost.alignment.words import AlignedWord
from voicehost.engines.protocol import HEARING_RATE, Audio, TranscribeInput, Transcript
from voicehost.errand import Errand
from voicehost.host import Host
from voicehost.memory.heard import Hearing
from voicehost.routes.catalog import WORK_ERRORS, Endpoint
from voicehost.routes.intake import Intake
from voicehost.routes.work import check_language
from voicehost.subtitles.files import SRT_TYPE, VTT_TYPE, to_srt, to_vtt
from voicehost.v1 import transcription_answers as answers
from voicehost.v1.errors import OpenAiFailure
from voicehost.v1.languages import code_of
from voicehost.v1.multipart import FORM, read_form
from voicehost.v1.names import TRANSCRIPTION_MODELS, check_model
from voicehost.v1.transcription_form import TranscriptionForm, parse_form
from voicehost.v1.word_places import word_places
from voicehost.web.waiting import begin_errand, queue_headers

DESCRIPTION = (
    "As OpenAI's clients call it. Words, and the times of subtitles, come from the server's own "
    "aligner; in a language that it does not know they are interpolated within their segment. The "
    "answer comes whole, without signs of life before it."
)
ERRORS = {
    **WORK_ERRORS,
    400: "The request has to be changed; `error.message` says how.",
    404: "There is no such model.",
    415: "The body is no form.",
}


def endpoints(host: Host) -> list[Endpoint]:
    kinds = (answers.TEXT_TYPE, SRT_TYPE, VTT_TYPE, answers.EVENTS_TYPE)
    return [
        Endpoint("POST", "/v1/audio/transcriptions", "work",
                 "Write down what is said, for OpenAI's clients", lambda: _transcribe(host),
                 answers.TranscriptionAnswer, TranscriptionForm, description=DESCRIPTION,
                 or_answers=[answers.VerboseTranscription], errors=ERRORS, consumes=FORM,
                 encoding={"file": {"contentType": "application/octet-stream, audio/*, video/*"}},
                 produces={kind: {"type": "string"} for kind in kinds},
                 failure=OpenAiFailure, beats=False),
    ]  # fmt: skip


def _transcribe(host: Host) -> Response:
    scheduler = host.schedulers["transcribe"]
    form = parse_form(read_form(host))
    check_model(form.model, scheduler.engine.model, TRANSCRIPTION_MODELS)
    language = check_language(code_of(form.language), scheduler.engine.languages)
    scheduler.check_ready()
    audio = Intake(host, scheduler.engine).decode_file("file", form.file)
    errand = begin_errand(host)
    return queue_headers(_answer(host, errand, form, audio, language), errand)


def _answer(
    host: Host, errand: Errand, form: TranscriptionForm, audio: Audio, language: str
) -> Response:
    transcript = _heard(host, errand, TranscribeInput(audio, language))
    seconds = len(audio) / HEARING_RATE

    def words() -> list[AlignedWord]:
        return word_places(host, errand, audio, transcript.segments, language)

    if form.stream:
        return Response(answers.events(transcript), content_type=answers.EVENTS_TYPE)
    match form.response_format:
        case "text":
            return Response(transcript.text + "\n", content_type=answers.TEXT_TYPE)
        case "srt":
            return Response(to_srt(answers.spoken_cues(words(), seconds)), content_type=SRT_TYPE)
        case "vtt":
            return Response(to_vtt(answers.spoken_cues(words(), seconds)), content_type=VTT_TYPE)
        case "verbose_json":
            asked = form.timestamp_granularities
            return jsonify(
                answers.verbose(
                    transcript,
                    seconds,
                    language,
                    segments="segment" in asked or "word" not in asked,
                    words=words() if "word" in asked else None,
                )
            )
    return jsonify(
        answers.TranscriptionAnswer(text=transcript.text, usage=answers.usage(seconds)).model_dump()
    )


def _heard(host: Host, errand: Errand, item: TranscribeInput) -> Transcript:
    hearing = Hearing(host, "transcribe", [item], errand.wish)
    results = errand.run(host.schedulers["transcribe"], hearing.payloads())
    return cast(Transcript, hearing.outcomes(results)[0])
