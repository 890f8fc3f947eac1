"""The other server of this machine, called for a caller of this one."""

from __future__ import annotations

import http.client
import json
import math
from contextlib import closing
from typing import Any

from voicehost.errand import Errand
from voicehost.errors import DeadlinePassed, EngineFault, NeighbourAway, RequestError, TooLarge
from voicehost.memory.wish import Wish
from voicehost.neighbour.line import Line
from voicehost.neighbour.places import Places
from voicehost.settings import VoiceHostSettings

NEIGHBOUR_HEADER = "X-Voice-Neighbour"
FOR_HEADER = "X-Voice-For"
AWAY = "The WhisperX server beside this one does not answer. Try again in a moment."
STRANGERS = (
    "The two servers of this machine do not know each other: both need the same "
    "VOICE_NEIGHBOUR_KEY."
)
# Longer than the time between two signs of life of an answer.
SILENCE_SECONDS = 120.0
RETRY_SECONDS = 2.0
# Fewer than the requests that a server holds open, so that its own callers are let in too.
AT_ONCE = 32
# A call that ends the neighbour each time is not made for ever.
MOST_BREAKS = 3
# Five minutes in which nobody is there at all: a restart takes less.
MOST_REFUSALS = int(300 / RETRY_SECONDS)


class Absent(NeighbourAway):
    """Nothing listens where it should be."""


class Broken(NeighbourAway):
    """The connection broke after the call was sent."""


class Neighbour:
    """Calls carry the key that both servers of a machine share, and the caller's name, so that
    the neighbour's queue is as fair as this one's. Thread-safe.
    """

    def __init__(self, settings: VoiceHostSettings) -> None:
        self.url = settings.neighbour_url or f"http://127.0.0.1:{settings.whisperx_port}"
        self._key = settings.neighbour_key
        self._places = Places(AT_ONCE)

    def headers(self, errand: Errand) -> dict[str, str]:
        """What says who calls, and how long it may take."""
        left = errand.seconds_left()
        return {
            FOR_HEADER: errand.caller.key,
            "X-Request-Id": errand.caller.request_id,
            **({} if errand.wish is Wish.USE else {"Cache-Control": errand.wish.value}),
            **({NEIGHBOUR_HEADER: self._key} if self._key else {}),
            **({} if left is None else {"X-Deadline-Seconds": f"{max(left, 0.1):.1f}"}),
        }

    def call(self, errand: Errand, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST JSON; the answer's JSON. Waits while the neighbour loads, is full or is starting
        again, until the errand's deadline, though not for long where nobody is at all. Raises
        VoiceError.
        """
        data = json.dumps(body).encode()
        away: NeighbourAway | None = None
        breaks = refusals = 0
        while True:
            try:
                if away is not None:
                    errand.pause(away.retry_after or RETRY_SECONDS)
                with self._places.one(errand):
                    return self._once(errand, path, data)
            except DeadlinePassed as late:
                raise (away or late) from None
            except NeighbourAway as error:
                away = error
                breaks += isinstance(error, Broken)
                refusals = refusals + 1 if isinstance(error, Absent) else 0
                if breaks == MOST_BREAKS or refusals == MOST_REFUSALS:
                    raise

    def _once(self, errand: Errand, path: str, data: bytes) -> dict[str, Any]:
        headers = {**self.headers(errand), "Content-Type": "application/json"}
        with closing(Line(self.url, errand, SILENCE_SECONDS)) as line:
            try:
                line.connect()
            except OSError as error:
                raise Absent(AWAY, retry_after=RETRY_SECONDS) from error
            try:
                answer = line.call("POST", path, data, headers)
                found = answer.read()
            except (OSError, http.client.HTTPException) as error:
                errand.check()
                raise Broken(AWAY, retry_after=RETRY_SECONDS) from error
        return _checked(answer.status, answer.headers.get("Retry-After"), _json(found))


def _json(data: bytes) -> dict[str, Any]:
    """The object that it holds; an empty one for anything else."""
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _checked(status: int, retry_after: str | None, answer: dict[str, Any]) -> dict[str, Any]:
    if status == 200 and answer.get("success") is True:
        return answer
    message = str(answer.get("error") or AWAY)
    told = answer.get("status", status)
    status = told if isinstance(told, int) else status
    if status in (429, 502, 503, 504):
        wait = _seconds(answer.get("retry_after") or retry_after)
        raise NeighbourAway(message, retry_after=wait)
    if status == TooLarge.status:
        raise TooLarge(message)
    if status in (401, 403):
        raise EngineFault(STRANGERS)
    if 400 <= status < 500:
        raise RequestError(message)
    raise EngineFault(message)


def _seconds(given: Any) -> float:
    try:
        seconds = float(given)
    except (TypeError, ValueError):
        return RETRY_SECONDS
    return seconds if math.isfinite(seconds) and seconds > 0 else RETRY_SECONDS
