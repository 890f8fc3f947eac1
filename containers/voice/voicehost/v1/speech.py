"""`POST /v1/audio/speech`: a long text is sent as audio while it is still being spoken."""

from __future__ import annotations

import errno
import itertools
from collections.abc import Iterator
from typing import Any

from flask import Response

from voicehost.audio.formats import CONTENT_TYPES
from voicehost.errors import CallerGone, VoiceError
from voicehost.host import Host
from voicehost.routes.catalog import WORK_ERRORS, Endpoint
from voicehost.routes.wanted_format import AUDIO_ANSWERS, take_headers
from voicehost.routes.work import admit
from voicehost.speaking.prepare import prepare
from voicehost.speaking.stretches import Stretches
from voicehost.speaking.text import SpokenText
from voicehost.v1.errors import OpenAiFailure
from voicehost.v1.events import events
from voicehost.v1.names import SPEECH_MODELS, check_model
from voicehost.v1.sounding import sounding
from voicehost.v1.speech_body import EXAMPLE, SpeechEvent, SpeechRequest
from voicehost.v1.voices import Voices
from voicehost.web.record import Record, record
from voicehost.web.waiting import begin_errand, queue_headers

DESCRIPTION = (
    "As OpenAI's clients call it. A text of several sentences is sent while it is still being "
    "spoken, so that it can be heard early; a failure in the middle breaks the connection off, and "
    "what came is not the whole."
)


def endpoints(host: Host) -> list[Endpoint]:
    voices = Voices(host.voices, host.settings.openai_voices)
    return [
        Endpoint("POST", "/v1/audio/speech", "work", "Speak a text, for OpenAI's clients",
                 lambda: _speech(host, voices), SpeechEvent, SpeechRequest,
                 description=DESCRIPTION, errors={**WORK_ERRORS, 404: "There is no such model."},
                 failure=OpenAiFailure, answers_as="text/event-stream",
                 produces=AUDIO_ANSWERS, beats=False, example=EXAMPLE),
    ]  # fmt: skip


def _speech(host: Host, voices: Voices) -> Response:
    scheduler = host.schedulers["speak"]
    body = admit(host, scheduler, SpeechRequest, host.settings.text_body_mib)
    check_model(body.model, scheduler.engine.model, SPEECH_MODELS)
    text = _text(host, body, voices.find(body.voice_name))
    to, speed = body.response_format or "mp3", body.speed or 1.0
    record().items = 1
    errand = begin_errand(host)
    stretches = Stretches(host, errand, text)
    parts = sounding(stretches, to, speed)
    if body.stream_format == "sse":
        parts = events(parts, text.text, errand, speed)
    first = next(parts, b"")  # an error so far has a status of its own
    response = _response(first, parts, stretches)
    response.headers["Content-Type"] = (
        "text/event-stream" if body.stream_format == "sse" else CONTENT_TYPES[to]
    )
    return queue_headers(take_headers(response, _take(text, stretches)), errand)


def _text(host: Host, body: SpeechRequest, voice: str) -> SpokenText:
    return prepare(
        host,
        body.input,
        place="input",
        instruct=body.instructions,
        language=body.language,
        voice=voice,
        seed=body.seed,
        places=("instructions", "voice"),
    )


def _response(first: bytes, rest: Iterator[bytes], stretches: Stretches) -> Response:
    if stretches.clip is not None:
        return Response(first + b"".join(rest))
    return Response(_sent(itertools.chain([first], rest), record()))


def _sent(parts: Iterator[bytes], mine: Record) -> Iterator[bytes]:
    # Any error that leaves here breaks the connection off: the status is out already.
    try:
        yield from parts
    except CallerGone as error:
        mine.status = error.status
        raise ConnectionResetError(errno.ECONNRESET, error.message) from None
    except VoiceError as error:
        mine.status = error.status
        raise


def _take(text: SpokenText, stretches: Stretches) -> dict[str, Any]:
    # What the store has comes whole, so a clip that is still being spoken is none of its.
    if stretches.clip is None:
        return {"seed": text.seed, "reused": False}
    return stretches.clip.take()
