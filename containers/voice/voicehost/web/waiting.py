"""Wait for a ticket and answer: at once where it is quick, with heartbeats where it is not."""

from __future__ import annotations

import json
import logging
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from concurrent.futures import Future
from typing import Any

from flask import Response, request

from voicehost.errand import LOOK_SECONDS, Errand
from voicehost.errors import RequestError, VoiceError
from voicehost.host import Host
from voicehost.memory.wish import Wish, wish_of
from voicehost.queueing.scheduler import Scheduler
from voicehost.web.errors import FAULT, error_body
from voicehost.web.hang_up import has_hung_up
from voicehost.web.record import Record, caller, record
from voicehost.web.scope import scope

log = logging.getLogger(__name__)

Build = Callable[[list[Any]], dict[str, Any]]


def answer(
    host: Host,
    scheduler: Scheduler,
    payloads: Sequence[Any],
    build: Build,
    *,
    keep_going: bool = False,
) -> Response:
    """Queue the payloads and answer with `build(results)` as JSON; see `answer_made`.

    A call that the queue refuses is not counted as one.
    """
    errand = _errand(host)
    queued: Iterator[Any] = iter(())

    def admit() -> None:
        nonlocal queued
        queued = errand.each(scheduler, payloads, keep_going=keep_going)

    _count(host, errand, admit)
    return _answer(host, errand, lambda: build(list(queued)))


def answer_made(host: Host, make: Callable[[Errand], dict[str, Any]]) -> Response:
    """Answer with what `make(errand)` gives, as JSON; it runs on a thread of its own.

    Until `heartbeat_seconds` have passed, an error is an HTTP error (raised here). After that
    the answer is a chunked 200: white space each period, then the JSON, where an error is
    `{"success": false, "error": ..., "status": ...}`, with the status that it would have had and,
    where it is worth trying again, `retry_after` in seconds.
    """
    errand = begin_errand(host)
    return _answer(host, errand, lambda: make(errand))


def begin_errand(host: Host) -> Errand:
    """An errand of the current request, counted as under way until the answer's last byte is out.

    It ends with the request, with the caller, and at the deadline. Raises Draining, RequestError.
    """
    errand = _errand(host)
    _count(host, errand, lambda: None)
    return errand


def queue_headers(response: Response, errand: Errand) -> Response:
    """The same answer, saying how the call fared in the queue."""
    response.headers["X-Queue-Position"] = str(errand.position)
    response.headers["X-Queue-Wait-Seconds"] = f"{errand.queue_seconds:.3f}"
    return response


def wish() -> Wish:
    """What the audio store may do with the current request."""
    return wish_of(request.headers.get("Cache-Control", ""))


def _errand(host: Host) -> Errand:
    sock = request.environ.get("gunicorn.socket")
    return Errand(
        caller(),
        deadline=time.monotonic() + _seconds(host),
        gone=lambda: has_hung_up(sock),
        wish=wish(),
    )


def _count(host: Host, errand: Errand, admit: Callable[[], None]) -> None:
    host.activity.begin(admit)
    scope().callback(host.activity.end)
    scope().callback(_note, errand, record())
    scope().callback(errand.cancel)


def _note(errand: Errand, mine: Record) -> None:
    mine.items = errand.items or mine.items
    mine.audio_seconds += errand.audio_seconds
    mine.queue_seconds = errand.queue_seconds
    mine.queue_steps = errand.queue_steps


def _answer(host: Host, errand: Errand, make: Callable[[], dict[str, Any]]) -> Response:
    making = _Making(errand, make)
    period = host.settings.heartbeat_seconds
    body = making.body(time.monotonic() + period)
    text = _beat(record(), making, period) if body is None else json.dumps(body)
    return queue_headers(Response(text, mimetype="application/json"), errand)


class _Making:
    """An answer that is made on a thread while this one looks whether anybody waits for it."""

    def __init__(self, errand: Errand, make: Callable[[], dict[str, Any]]) -> None:
        self._errand = errand
        self._future = _on_a_thread(make)

    def body(self, end: float) -> dict[str, Any] | None:
        """None when it is not there by `end`. Raises what the making raises."""
        while not self._future.done() and (now := time.monotonic()) < end:
            futures.wait([self._future], min(LOOK_SECONDS, end - now))
            if not self._future.done():
                self._errand.wanted()
        return self._future.result() if self._future.done() else None


def _on_a_thread(work: Callable[[], dict[str, Any]]) -> Future[dict[str, Any]]:
    future: Future[dict[str, Any]] = Future()

    def main() -> None:
        try:
            future.set_result(work())
        except Exception as error:
            future.set_exception(error)

    threading.Thread(target=main, name="answer", daemon=True).start()
    return future


def _beat(mine: Record, making: _Making, period: float) -> Iterator[bytes]:
    yield b" "
    body: dict[str, Any] | None = None
    try:
        while (body := making.body(time.monotonic() + period)) is None:
            yield b" "
    except VoiceError as error:
        mine.status = error.status
        body = error_body(error.message, **_too_late_for_headers(error))
    except Exception:
        log.exception("answer failed", extra={"request_id": mine.id})
        mine.status = 500
        body = error_body(FAULT, status=500)
    yield json.dumps(body).encode()


def _too_late_for_headers(error: VoiceError) -> dict[str, int]:
    wait = {} if error.retry_after is None else {"retry_after": math.ceil(error.retry_after)}
    return {"status": error.status, **wait}


def _seconds(host: Host) -> float:
    given = request.headers.get("X-Deadline-Seconds")
    most = host.settings.deadline_seconds
    if given is None:
        return most
    try:
        seconds = float(given)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise RequestError("X-Deadline-Seconds must be a number of seconds above 0.")
    return min(seconds, most)
