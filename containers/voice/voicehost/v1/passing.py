"""Calls that the text server passes on to the WhisperX server beside it.

OpenAI's clients have one base URL for everything.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from flask import Response, request

from voicehost.errand import Errand
from voicehost.errors import EngineFault, NeighbourAway, VoiceError
from voicehost.host import Host
from voicehost.neighbour.line import Line
from voicehost.neighbour.server import AWAY, RETRY_SECONDS, STRANGERS
from voicehost.routes.catalog import Endpoint
from voicehost.v1.names import TRANSCRIPTION_MODELS
from voicehost.web.bodies import declared_bytes, read_bytes
from voicehost.web.record import Record, caller, record
from voicehost.web.scope import scope
from voicehost.web.waiting import begin_errand

PART_BYTES = 65536
MODELS_SECONDS = 5.0
KEYS = ("X-API-Key", "Authorization")
SENT = ("Content-Type", "Accept")
TOLD = ("Content-Type", "Retry-After", "Cache-Control", "X-Queue-Position", "X-Queue-Wait-Seconds")
BROKEN_OFF = "The WhisperX server beside this one broke off in the middle of its answer."


def passed_on(host: Host, endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    """The neighbour's endpoints as this server's: the same, done there."""
    return [replace(endpoint, view=lambda: _passed(host)) for endpoint in endpoints]


def neighbour_models(host: Host) -> list[str]:
    """The names of its models; while it does not answer, those that it takes whatever it has."""
    if host.neighbour is None:
        return []
    line = Line(host.neighbour.url, Errand(caller()), MODELS_SECONDS)
    # Both servers know the same keys, and the one that they share is for work alone.
    own_key = {name: request.headers[name] for name in KEYS if name in request.headers}
    try:
        answer = line.call("GET", "/v1/models", b"", own_key)
        return [str(model["id"]) for model in json.loads(answer.read())["data"]]
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
        return list(TRANSCRIPTION_MODELS)
    finally:
        line.close()


def _passed(host: Host) -> Response:
    """The neighbour's answer to the current request: its status, its bytes."""
    most_mib = host.settings.body_mib
    scope().enter_context(host.gate.request(declared_bytes(most_mib)))
    host.activity.check()
    body = read_bytes(most_mib, host.settings.body_seconds)
    record().items = 1
    errand = begin_errand(host)
    if host.neighbour is None:
        raise NeighbourAway(AWAY, retry_after=RETRY_SECONDS)
    given = {name: request.headers[name] for name in SENT if name in request.headers}
    # It says nothing before the whole recording has been heard.
    line = Line(host.neighbour.url, errand)
    scope().callback(line.close)
    try:
        answer = line.call("POST", request.path, body, given | host.neighbour.headers(errand))
        if answer.status in (401, 403):
            raise EngineFault(STRANGERS)
        whole = None if answer.chunked else answer.read()
    except (OSError, http.client.HTTPException) as error:
        errand.check()
        raise NeighbourAway(AWAY, retry_after=RETRY_SECONDS) from error
    response = Response(_parts(answer, record()) if whole is None else whole, answer.status)
    del response.headers["Content-Type"]
    response.headers.update({name: answer.headers[name] for name in TOLD if name in answer.headers})
    return response


def _parts(answer: http.client.HTTPResponse, mine: Record) -> Iterator[bytes]:
    """As they come. An error breaks the connection off: the status is out already."""
    try:
        while part := answer.read1(PART_BYTES):
            yield part
    except (OSError, http.client.HTTPException) as error:
        failure: VoiceError = EngineFault(BROKEN_OFF)
        mine.status = failure.status
        raise failure from error
