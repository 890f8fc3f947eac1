"""One log line and the metrics of each request. Counts only: never text, audio or keys."""

from __future__ import annotations

import logging
import re
import time
import uuid
from dataclasses import dataclass, field

from flask import Flask, Response, g, request

from voicehost.caller import Caller
from voicehost.telemetry.metrics import Metrics
from voicehost.web.scope import scope

log = logging.getLogger("voicehost.requests")
WORK = "work"
GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(slots=True)
class Record:
    """What is known of the current request so far: `folder` and `queue_items` are its key's."""

    id: str
    began: float = field(default_factory=time.monotonic)
    status: int = 0
    key: str = ""
    folder: str = ""
    queue_items: int | None = None
    work: bool = False
    items: int = 0
    audio_seconds: float = 0.0
    queue_seconds: float = 0.0
    queue_steps: int = 0


def record() -> Record:
    found: Record = g.record
    return found


def caller() -> Caller:
    """Who made the current request."""
    mine = record()
    return Caller(mine.key, mine.folder, mine.id, mine.queue_items)


def init_app(app: Flask, metrics: Metrics) -> None:
    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.record = Record(given if GIVEN_ID.fullmatch(given) else uuid.uuid4().hex)
        g.record.work = request.blueprint == WORK and request.method != "OPTIONS"
        path, method, mine = request.path, request.method, g.record
        scope().callback(lambda: _end(mine, method, path, metrics))

    @app.after_request
    def name(response: Response) -> Response:
        g.record.status = response.status_code
        response.headers["X-Request-Id"] = g.record.id
        return response


def _end(record: Record, method: str, path: str, metrics: Metrics) -> None:
    if not record.work:
        return
    status = record.status
    log.info(
        "request",
        extra={
            "request_id": record.id,
            "method": method,
            "path": path,
            "status": status,
            "key": record.key,
            "items": record.items,
            "audio_seconds": round(record.audio_seconds, 3),
            "queue_seconds": round(record.queue_seconds, 3),
            "queue_steps": record.queue_steps,
            "seconds": round(time.monotonic() - record.began, 3),
        },
    )
    metrics.add("Requests", 1, "Count")
    if status in (429, 503):
        metrics.add("Rejections", 1, "Count")
    elif 400 <= status < 500:
        metrics.add("ClientErrors", 1, "Count")
    elif status >= 500:
        metrics.add("ServerErrors", 1, "Count")
    if record.audio_seconds:
        metrics.add("AudioSeconds", record.audio_seconds, "Seconds")
