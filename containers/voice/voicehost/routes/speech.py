"""`/generate` and `/generate_batch`: text in, audio out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response

from voicehost.audio.formats import CONTENT_TYPES, ENDINGS, AudioFormat, encode
from voicehost.audio.wav import in_base64
from voicehost.engines.protocol import SPEECH_RATE
from voicehost.host import Host
from voicehost.items.generate import generate_call
from voicehost.jobs.accept import JOB_ANSWERS, job_of, refuse_callback
from voicehost.routes import speech_models as models
from voicehost.routes.catalog import WORK_ERRORS, Endpoint
from voicehost.routes.delivery import delivery
from voicehost.routes.wanted_format import (
    AUDIO_ANSWERS,
    AUDIO_ERRORS,
    take_headers,
    wanted_format,
)
from voicehost.routes.work import admit, check_batch
from voicehost.speaking.asked import batch_texts, one_text
from voicehost.speaking.clip import Clip
from voicehost.speaking.speaking import Speaking, speak
from voicehost.web.record import record
from voicehost.web.waiting import answer, begin_errand, queue_headers, wish


def endpoints(host: Host) -> list[Endpoint]:
    call = generate_call(host)
    return [
        Endpoint("POST", "/generate", "work", "Speak one text", lambda: _generate(host),
                 models.GenerateAnswer, models.GenerateRequest,
                 errors={**WORK_ERRORS, **AUDIO_ERRORS},
                 produces=AUDIO_ANSWERS, example={"text": "Good morning."}),
        Endpoint("POST", "/generate_batch", "work", "Speak several texts",
                 lambda: job_of(host, call) or _generate_batch(host),
                 models.GenerateBatchAnswer, models.GenerateBatchRequest, errors=WORK_ERRORS,
                 or_answers=[models.StoredClipsAnswer], **JOB_ANSWERS,
                 example={"texts": ["Good morning.", "Here is the news."]}),
    ]  # fmt: skip


def _generate(host: Host) -> Response:
    scheduler = host.schedulers["speak"]
    body = admit(host, scheduler, models.GenerateRequest, host.settings.text_body_mib)
    text = one_text(host, body)
    record().items = 1
    as_bytes = wanted_format()
    if as_bytes is not None:
        errand = begin_errand(host)
        clip = speak(host, errand, text)
        response = Response(encode(clip.pcm, SPEECH_RATE, as_bytes))
        response.headers["Content-Type"] = CONTENT_TYPES[as_bytes]
        return queue_headers(take_headers(response, clip.take()), errand)

    made, to = record(), body.format
    speaking = Speaking(host, [text], wish())

    def build(results: list[Any]) -> dict[str, Any]:
        clip = speaking.clips(results)[0]
        made.audio_seconds = clip.seconds
        audio = in_base64(encode(clip.pcm, SPEECH_RATE, to))
        end = {"format": to, "sample_rate": SPEECH_RATE, "success": True}
        return {"audio": audio, **clip.take(), **end}

    return answer(host, scheduler, speaking.payloads(), build)


def _generate_batch(host: Host) -> Response:
    scheduler = host.schedulers["speak"]
    body = admit(host, scheduler, models.GenerateBatchRequest, host.settings.text_body_mib)
    refuse_callback(body.callback)
    where = delivery(host, body.delivery)
    check_batch(host, "texts", len(body.texts), host.settings.texts)
    texts = batch_texts(host, body)
    made, to = record(), body.format
    speaking = Speaking(host, texts, wish())

    def build(results: list[Any]) -> dict[str, Any]:
        clips = speaking.clips(results)
        made.audio_seconds = sum(clip.seconds for clip in clips)
        files = [encode(clip.pcm, SPEECH_RATE, to) for clip in clips]
        end = _batch_end(clips, to)
        if where is not None:
            return {"results": where.store(files, ENDINGS[to]), **end}
        return {"audios": [in_base64(file) for file in files], **end}

    made.items = len(texts)
    return answer(host, scheduler, speaking.payloads(), build)


def _batch_end(clips: Sequence[Clip], to: AudioFormat) -> dict[str, Any]:
    takes = [clip.take() for clip in clips]
    end = {"format": to, "sample_rate": SPEECH_RATE, "count": len(clips), "success": True}
    return {"takes": takes, **end}
