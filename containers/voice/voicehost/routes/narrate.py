"""`/narrate`: text in; audio, words, markers and subtitles out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response

from voicehost.audio.formats import ENDINGS
from voicehost.errand import Errand
from voicehost.errors import TooLarge, VoiceError
from voicehost.host import Host
from voicehost.jobs.accept import JOB_ANSWERS, job_of, refuse_callback
from voicehost.narration.call import item_body, narrate_call
from voicehost.narration.narrate import narrate
from voicehost.narration.order import Order, order
from voicehost.narration.result import Narrated
from voicehost.routes import narrate_models as models
from voicehost.routes.catalog import WORK_ERRORS, Endpoint
from voicehost.routes.delivery import Shelf, delivery
from voicehost.routes.work import admit
from voicehost.web.record import record
from voicehost.web.waiting import answer_made

DESCRIPTION = (
    "Speaks each text, has the WhisperX server of this machine find when each word is said, and "
    "gives the audio with its words, the times of its markers and subtitles. With `verify` each "
    "clip is listened to first, and spoken again where it is no good. While one text is spoken "
    "others are listened to. A text that fails has its `error` in its place; the call fails when "
    "all of them could not be done now."
)


def endpoints(host: Host) -> list[Endpoint]:
    call = narrate_call(host)

    def view() -> Response:
        return job_of(host, call) or _narrate(host)

    return [
        Endpoint("POST", "/narrate", "work", "Speak texts, with word times and subtitles", view,
                 models.NarrateAnswer, models.NarrateRequest, DESCRIPTION, errors=WORK_ERRORS,
                 or_answers=[models.NarrateBatchAnswer], **JOB_ANSWERS,
                 example={"text": "We {#ship}ship it{done#} today.", "verify": 0.1}),
    ]  # fmt: skip


def _narrate(host: Host) -> Response:
    body = admit(host, host.schedulers["speak"], models.NarrateRequest, host.settings.text_body_mib)
    refuse_callback(body.callback)
    where = delivery(host, body.delivery)
    orders = [order(host, item) for item in narrate_call(host).split(body)]
    _check_size(host, orders)
    record().items = len(orders)

    def make(errand: Errand) -> dict[str, Any]:
        outcomes = narrate(host, errand, orders)
        _raise_if_later(outcomes)
        items = _bodies(outcomes, where)
        if body.texts is not None:
            failed = sum("error" in item for item in items)
            return {"items": items, "count": len(items), "failed": failed, "success": True}
        if isinstance(outcomes[0], VoiceError):
            raise outcomes[0]
        return {**items[0], "success": True}

    return answer_made(host, make)


def _check_size(host: Host, orders: Sequence[Order]) -> None:
    pieces = sum(len(part.spoken.pieces) for order in orders for part in order.parts)
    most = record().queue_items or host.settings.key_items
    if pieces > most:
        raise TooLarge(
            f"This request is {pieces} pieces of work and at most {most} fit in one. Send it as "
            "several smaller requests."
        )


def _raise_if_later(outcomes: Sequence[Narrated | VoiceError]) -> None:
    """Where nothing could be done now, the call may be made again as it is."""
    failures = [outcome for outcome in outcomes if isinstance(outcome, VoiceError)]
    if len(failures) == len(outcomes) and all(one.status in (429, 503) for one in failures):
        raise failures[0]


def _bodies(outcomes: Sequence[Narrated | VoiceError], where: Shelf | None) -> list[dict[str, Any]]:
    good = [outcome for outcome in outcomes if isinstance(outcome, Narrated)]
    if where is None or not good:
        done = iter([item_body(one) for one in good])
    else:
        ending = ENDINGS[good[0].facts["format"]]
        stored = where.store([one.file for one in good], ending)
        done = iter([{"result": at, **one.facts} for at, one in zip(stored, good, strict=True)])
    return [
        {"error": outcome.message, "status": outcome.status}
        if isinstance(outcome, VoiceError)
        else next(done)
        for outcome in outcomes
    ]
