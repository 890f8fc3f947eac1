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

from voicehost.errors import DeadlinePassed, RequestError, VoiceError
from voicehost.host import Host
from voicehost.queueing.scheduler import Scheduler
from voicehost.queueing.ticket import Ticket
from voicehost.web.errors import FAULT, error_body
from voicehost.web.hang_up import has_hung_up
from voicehost.web.record import Record, record
from voicehost.web.scope import scope

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
Build = Callable[[list[Any]], dict[str, Any]]


def answer(
    host: Host,
    scheduler: Scheduler,
    payloads: Sequence[Any],
    build: Build,
    *,
    keep_going: bool = False,
    aside: bool = False,
) -> Response:
    """Queue the payloads and answer with `build(results)` as JSON.

    `aside` builds on a thread of its own, for answers whose building waits for others: signs of
    life go on meanwhile.

    Until `heartbeat_seconds` have passed, an error is an HTTP error (raised here). After that
    the answer is a chunked 200: white space each period, then the JSON, where an error is
    `{"success": false, "error": ..., "status": ...}`, with the status that it would have had and,
    where it is worth trying again, `retry_after` in seconds.
    """
    now = time.monotonic()
    ticket = Ticket(
        payloads,
        key=record().key,
        request_id=record().id,
        keep_going=keep_going,
        deadline=now + _seconds(host),
        most_waiting=record().queue_items,
    )
    host.activity.begin(lambda: scheduler.submit(ticket))
    scope().callback(host.activity.end)
    scope().callback(_drop, ticket, scheduler)
    sock = request.environ.get("gunicorn.socket")
    wait = _Wait(ticket, scheduler, sock, record())
    making = _Making(wait, build, aside)
    body = making.body(now + host.settings.heartbeat_seconds)
    if body is not None:
        return _response(json.dumps(body), ticket)
    return _response(_beat(wait, making, host.settings.heartbeat_seconds), ticket)


class _Wait:
    def __init__(self, ticket: Ticket, scheduler: Scheduler, sock: Any, mine: Record) -> None:
        self.ticket = ticket
        self.record = mine
        self._scheduler = scheduler
        self._sock = sock

    def until(self, end: float) -> bool:
        """Whether the ticket is settled; looks for a hang-up and the deadline meanwhile."""
        ticket = self.ticket
        while (now := time.monotonic()) < end:
            if ticket.wait(min(LOOK_SECONDS, end - now)):
                break
            if ticket.deadline is not None and time.monotonic() >= ticket.deadline:
                ticket.settle(
                    DeadlinePassed(
                        "The work was not done before this request's deadline. Send fewer items, "
                        "or try again when the server is less busy.",
                        retry_after=self._scheduler.seconds_for(len(self._scheduler.queue)),
                    )
                )
            elif has_hung_up(self._sock):
                ticket.abandon()
        if ticket.settled:
            self._note()
        return ticket.settled

    def _note(self) -> None:
        self.record.queue_seconds = self.ticket.queue_seconds(time.monotonic())
        works = self.ticket.works
        if works and works[0].started_step is not None:
            self.record.queue_steps = works[0].started_step - works[0].queued_step


class _Making:
    """The answer, once the work is done and the answer built."""

    def __init__(self, wait: _Wait, build: Build, aside: bool) -> None:
        self._wait = wait
        self._build = build
        self._aside = aside
        self._future: Future[dict[str, Any]] | None = None

    def body(self, end: float) -> dict[str, Any] | None:
        """None when it is not there by `end`. Raises what the work or the building raises."""
        if self._future is None:
            if not self._wait.until(end):
                return None
            outcomes = self._wait.ticket.outcomes()
            if not self._aside:
                return self._build(outcomes)
            self._future = _on_a_thread(lambda: self._build(outcomes))
        futures.wait([self._future], max(0.0, end - time.monotonic()))
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


def _drop(ticket: Ticket, scheduler: Scheduler) -> None:
    ticket.abandon()
    scheduler.queue.discard(ticket)


def _beat(wait: _Wait, making: _Making, period: float) -> Iterator[bytes]:
    yield b" "
    body: dict[str, Any] | None = None
    try:
        while (body := making.body(time.monotonic() + period)) is None:
            yield b" "
    except VoiceError as error:
        wait.record.status = error.status
        body = error_body(error.message, **_too_late_for_headers(error))
    except Exception:
        log.exception("answer failed", extra={"request_id": wait.record.id})
        wait.record.status = 500
        body = error_body(FAULT, status=500)
    yield json.dumps(body).encode()


def _too_late_for_headers(error: VoiceError) -> dict[str, int]:
    wait = {} if error.retry_after is None else {"retry_after": math.ceil(error.retry_after)}
    return {"status": error.status, **wait}


def _response(body: str | Iterator[bytes], ticket: Ticket) -> Response:
    response = Response(body, mimetype="application/json")
    response.headers["X-Queue-Position"] = str(ticket.position)
    response.headers["X-Queue-Wait-Seconds"] = f"{ticket.queue_seconds(time.monotonic()):.3f}"
    return response


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
