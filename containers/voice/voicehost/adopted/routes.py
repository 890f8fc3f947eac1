"""Every path of the team's own application, behind the key, the queue and the limits of ours."""

from __future__ import annotations

import http
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import NotFound

from voicehost.adopted.call import Answer, Call
from voicehost.adopted.engine import AdoptedEngine
from voicehost.adopted.stream import Stream
from voicehost.adopted.voices import own_voices, refuse_other_voices
from voicehost.errors import EngineFault
from voicehost.host import Host
from voicehost.web.bodies import declared_bytes, read_bytes
from voicehost.web.errors import FAULT, error_body
from voicehost.web.hang_up import has_hung_up
from voicehost.web.record import WORK, Record, record
from voicehost.web.scope import scope
from voicehost.web.waiting import answer

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Callers of these check `success`, so that an answer may begin before it is known to be good.
BEATING = {
    "tts": {"/generate", "/generate_batch"},
    "whisperx": {"/transcribe", "/transcribe_batch", "/align", "/align_batch"},
}
RESERVED = "/internal/"
NOT_JSON = (
    "The answer is there but is no JSON, and cannot follow the white space that kept this "
    "connection open. Set VOICE_HEARTBEAT_SECONDS above the time that such a call takes."
)


def init_app(app: Flask, host: Host, engine: AdoptedEngine) -> None:
    """Paths that the server itself has win: health checks, /docs and /internal stay ours."""
    (scheduler,) = host.schedulers.values()
    settings = host.settings
    most_mib = settings.text_body_mib if host.server == "tts" else settings.body_mib
    # A caller that may not look at `success` waits in silence, and gets the true status.
    silent = replace(host, settings=settings.model_copy(update={"heartbeat_seconds": math.inf}))

    def view(path: str) -> Response:
        scope().enter_context(host.gate.request(declared_bytes(most_mib)))
        host.activity.check()
        scheduler.check_ready()
        _check_route(engine)
        body = read_bytes(most_mib, settings.body_seconds)
        known = request.method == "POST" and request.path in BEATING[host.server]
        if known and request.path.endswith("_batch"):
            host.batches.check(2)  # how many it holds is the application's to read
        if known and host.server == "tts":
            refuse_other_voices(body, own_voices(engine.told, settings.speaker))
        record().items = 1
        passing = _Passing()
        call = Call.of(request.environ, body, streams=not known)
        response = answer(host if known else silent, scheduler, [call], passing.build)
        passing.begun = True
        return response if passing.found is None else _answered(passing.found, response)

    # An endpoint's name begins with its blueprint's: these count as work and need a key.
    app.add_url_rule("/<path:path>", f"{WORK}.adopted", view, methods=METHODS)


def _check_route(engine: AdoptedEngine) -> None:
    """Raises NotFound or MethodNotAllowed; neither is counted as a request."""
    mine = record()
    mine.work = False
    if request.path.startswith(RESERVED):
        raise NotFound
    engine.check_route(request.path, request.method)
    mine.work = True


class _Passing:
    """The application's answer on its way to the caller.

    It is kept as `found` if it is there before the first heartbeat; after that its JSON goes on.
    """

    def __init__(self) -> None:
        self.begun = False
        self.found: Answer | Stream | None = None

    def build(self, results: list[Any]) -> dict[str, Any]:
        if self.begun:
            return _late(results[0])
        self.found = results[0]
        return {}


def _late(found: Answer) -> dict[str, Any]:
    fields = found.fields
    if found.head.good and fields is not None:
        return fields
    error = EngineFault(NOT_JSON if found.head.good else _say(found))
    error.status = 500 if found.head.good else found.head.code
    raise error


def _answered(found: Answer | Stream, queued: Response) -> Response:
    """The answer with its own status and headers; an error that is no JSON in the usual shape."""
    head = found.head
    if isinstance(found, Stream):
        response = Response(_sent(found), status=head.status, headers=head.passed_on)
    elif head.good or found.fields is not None:
        response = Response(found.body, status=head.status, headers=head.passed_on)
    else:
        response = jsonify(error_body(_say(found)))
        response.status_code = head.code
    for name, value in queued.headers.items():
        if name.startswith("X-Queue-"):
            response.headers[name] = value
    return response


def _sent(stream: Stream) -> Iterator[bytes]:
    scope().callback(stream.close)
    sock = request.environ.get("gunicorn.socket")
    return _noting(stream.parts(lambda: has_hung_up(sock)), record())


def _noting(parts: Iterator[bytes], mine: Record) -> Iterator[bytes]:
    try:
        yield from parts
    except EngineFault as error:
        mine.status = error.status
        raise  # which breaks the connection: the status is out, and this was not all


def _say(found: Answer) -> str:
    said = (found.fields or {}).get("error")
    if isinstance(said, str):
        return said
    if found.head.code >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        return FAULT
    return f"The server refused this request with {found.head.status.lower()}."
