"""`/internal/*`: what the power controller asks of a server, before it stops the GPU and else."""

from __future__ import annotations

import logging
from typing import Literal

from flask import Response, jsonify
from pydantic import BaseModel, Field

from voicehost.host import Host
from voicehost.routes.catalog import Endpoint, Failure, Strict
from voicehost.telemetry.activity import Busy
from voicehost.telemetry.batches import BUDGET
from voicehost.web.bodies import read_body
from voicehost.web.errors import error_body
from voicehost.web.record import record

log = logging.getLogger(__name__)

MOST_DRAIN_SECONDS = 3600
MOST_BATCH_SECONDS = 3600
BODY_SECONDS = 10

ERRORS = {
    400: "The request has to be changed; `error` says how.",
    401: "Neither loopback nor a service key.",
    403: "The header X-Voice-Internal is missing.",
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    415: "The body is not plain JSON.",
}


class DrainRequest(Strict):
    seconds: float = Field(
        ge=1, le=MOST_DRAIN_SECONDS, allow_inf_nan=False, description="How long the lease holds."
    )


class DrainAnswer(BaseModel):
    draining_seconds: float
    success: Literal[True]


class DrainRefused(Failure):
    in_flight: int = Field(ge=1)


class BatchesRequest(Strict):
    allowed: bool = Field(description="Whether calls may carry several items.")
    seconds: float = Field(
        600,
        ge=1,
        le=MOST_BATCH_SECONDS,
        allow_inf_nan=False,
        description="How long they are refused, unless allowed before.",
    )
    why: str = Field(
        BUDGET, max_length=200, description="What callers are told: the beginning of a sentence."
    )


class BatchesAnswer(BaseModel):
    batches_refused_seconds: float = Field(ge=0)
    success: Literal[True]


class ActivityAnswer(BaseModel):
    in_flight: int = Field(ge=0)
    queue_depth: int = Field(ge=0)
    seconds_since_last_request: float = Field(ge=0)
    draining_seconds: float = Field(ge=0)
    batches_refused_seconds: float = Field(ge=0)
    ready: bool


def endpoints(host: Host) -> list[Endpoint]:
    def drain() -> Response:
        body = read_body(DrainRequest, most_mib=1, seconds=BODY_SECONDS)
        try:
            host.activity.drain(body.seconds)
        except Busy as busy:
            text = f"{busy.in_flight} requests are under way. Ask again when they have ended."
            response = jsonify(error_body(text, in_flight=busy.in_flight))
            response.status_code = 409
            return response
        log.info("drain granted", extra={"seconds": body.seconds, "key": record().key})
        return _lease(host)

    def resume() -> Response:
        host.activity.resume()
        log.info("drain ended", extra={"key": record().key})
        return _lease(host)

    def batches() -> Response:
        body = read_body(BatchesRequest, most_mib=1, seconds=BODY_SECONDS)
        if body.allowed:
            host.batches.allow()
            log.info("batches allowed", extra={"key": record().key})
        else:
            host.batches.refuse(body.seconds, body.why)
            log.info("batches refused", extra={"seconds": body.seconds, "key": record().key})
        left = round(host.batches.refused_seconds(), 3)
        return jsonify(batches_refused_seconds=left, success=True)

    def activity() -> Response:
        now = host.activity.now()
        return jsonify(
            in_flight=now.in_flight,
            queue_depth=sum(len(scheduler.queue) for scheduler in host.schedulers.values()),
            seconds_since_last_request=round(now.seconds_since_last_request, 3),
            draining_seconds=round(now.draining_seconds, 3),
            batches_refused_seconds=round(host.batches.refused_seconds(), 3),
            ready=host.ready,
        )

    return [
        Endpoint("POST", "/internal/drain", "internal", "Lease: take no new work", drain,
                 DrainAnswer, DrainRequest, errors=ERRORS, answers={409: DrainRefused},
                 answer_texts={409: "Work is under way."},
                 description="Granted only while nothing is under way or waiting. Expires by "
                 "itself; asking again renews it.", example={"seconds": 120}),
        Endpoint("POST", "/internal/resume", "internal", "End the lease", resume, DrainAnswer,
                 errors={401: ERRORS[401], 403: ERRORS[403]}),
        Endpoint("POST", "/internal/batches", "internal", "Lease: one item a call", batches,
                 BatchesAnswer, BatchesRequest, errors=ERRORS,
                 description="For a budget that is nearly used up. While it holds, batch calls "
                 "with more than one item get a 429. Expires by itself; asking again renews it.",
                 example={"allowed": False, "seconds": 600}),
        Endpoint("GET", "/internal/activity", "internal", "What is under way", activity,
                 ActivityAnswer, errors={401: ERRORS[401], 403: ERRORS[403]}),
    ]  # fmt: skip


def _lease(host: Host) -> Response:
    return jsonify(draining_seconds=round(host.activity.now().draining_seconds, 3), success=True)
