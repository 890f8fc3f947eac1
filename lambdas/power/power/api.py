"""`/power`: what people and programs with a key may ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from power.alb import Answer, Request
from power.answers import Refused, key_needed, said
from power.bodies import choice, flag, read_fields, reason
from power.desk import Desk, View
from power.keys import Key
from power.leases import described, extend_lease, list_leases, make_lease, release_lease
from power.memory import IDLE, LIVE
from power.model import StopWish, Wish
from power.status import status

PREFIX = "/power"
# How long an operator's stop waits for a moment without work.
STOP_SECONDS = 1800.0
STOPS = (
    "It stops at the first moment with nothing under way, within half an hour. A later start or "
    "lease undoes that; a call after the stop starts it again."
)
CLOSING = "It is being stopped already and takes no new work. "
RUNNING = {
    "on": "It is on.",
    "starting": "It is being started already.",
    "recovering": "It is on, and its servers are being made ready again.",
}

Handle = Callable[[Desk, Request, Key], Answer]
HandleOne = Callable[[Desk, Request, Key, str], Answer]
Chosen = TypeVar("Chosen")


def answer(desk: Desk, request: Request, key: Key | None) -> Answer:
    """Raises Refused or Unreachable."""
    if key is None:
        return key_needed()
    path = request.path.removeprefix(PREFIX).strip("/")
    name, _, lease_id = path.partition("/")
    if name == "lease" and lease_id:
        return _chosen(ONE_LEASE, request)(desk, request, key, lease_id)
    if path not in PATHS:
        known = ", ".join(f"{PREFIX}/{path}" for path in PATHS)
        raise Refused(404, f"There is no such path here; there are {known} and {PREFIX}/lease/ID.")
    return _chosen(PATHS[path], request)(desk, request, key)


def of_power(path: str) -> bool:
    return path == PREFIX or path.startswith(PREFIX + "/")


def _status(desk: Desk, request: Request, key: Key) -> Answer:
    found = status(desk)
    memory = desk.view(LIVE, fresh=False).memory
    return said(200, {**found, "leases": [described(lease, memory) for lease in memory.leases]})


def _start(desk: Desk, request: Request, key: Key) -> Answer:
    fields = read_fields(request, ("slot", "force", "reason"))
    target, force = _target(desk, fields), flag(fields, "force")
    why = reason(fields, "a start")
    view = desk.view(target, urgent=force)
    state = view.situation.state
    if state in ("budget", "quiet") or (state == "backoff" and not force):
        raise Refused(409, view.situation.sentence, state=state)
    desk.store.put_wish(target, Wish(desk.stamp(), key.name, why, urgent=force))
    if state in RUNNING:
        return _told(200, view, RUNNING[state])
    desk.wake()
    return _told(202, view, view.situation.sentence)


def _stop(desk: Desk, request: Request, key: Key) -> Answer:
    fields = read_fields(request, ("slot", "force", "reason"))
    target, why = _target(desk, fields), reason(fields, "a stop")
    view = desk.view(target)
    others = sorted({one.owner for one in view.memory.leases if one.owner != key.name})
    if others and view.record.live and not flag(fields, "force"):
        names = " and ".join(others)
        error = f'{names} has a lease on it. To stop it all the same, send {{"force": true}}.'
        raise Refused(409, error, leases=len(others))
    at = desk.stamp()
    desk.store.put_stop_wish(target, StopWish(at, key.name, at + STOP_SECONDS, reason=why))
    if view.record.phase in ("off", "leaving"):
        # Written all the same: a call that nobody has acted on yet is taken back.
        told = "It is off." if view.record.phase == "off" else "It is being stopped already."
        return _told(200, view, told)
    desk.wake()
    stop = view.record.stop
    closing = view.record.phase == "closing" and stop is not None
    return _told(202, view, CLOSING + stop.reason if closing and stop else STOPS, eta=False)


def _target(desk: Desk, fields: dict[str, object]) -> str:
    return choice(fields, "slot", (LIVE, IDLE, *desk.settings.slots))


def _told(code: int, view: View, message: str, *, eta: bool = True) -> Answer:
    told: dict[str, object] = {
        "success": True,
        "message": message,
        "state": view.situation.state,
        "stage": view.situation.stage,
    }
    if eta:
        told["eta_seconds"] = round(view.situation.eta_seconds)
        told["usual_seconds"] = round(view.situation.usual_seconds)
    return said(code, told)


def _chosen(methods: Mapping[str, Chosen], request: Request) -> Chosen:
    """What answers this method; HEAD as GET. Raises Refused."""
    method = "GET" if request.method == "HEAD" else request.method
    if method not in methods:
        allowed = sorted({*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])})
        use = ", ".join(sorted(methods))
        error = f"This path does not take {request.method[:20] or 'that'}; use {use}."
        raise Refused(405, error, {"Allow": ", ".join(allowed)})
    return methods[method]


PATHS: Mapping[str, Mapping[str, Handle]] = {
    "status": {"GET": _status},
    "start": {"POST": _start},
    "stop": {"POST": _stop},
    "lease": {"GET": list_leases, "POST": make_lease},
}
ONE_LEASE: Mapping[str, HandleOne] = {"POST": extend_lease, "DELETE": release_lease}
