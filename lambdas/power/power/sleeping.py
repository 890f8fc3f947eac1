"""Callers of `/tts` and `/whisperx` while the slot that they mean sleeps, or has just woken up."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from power.alb import Answer, Request
from power.answers import key_needed, later, refusal
from power.cors import SLOT_HEADER
from power.desk import Desk, View
from power.keys import Key, presented
from power.memory import IDLE, LIVE
from power.signing import ResultLinks, sign
from power.situation import State

SERVERS = ("tts", "whisperx")
PUBLIC = ("health", "ready", "live")
SIGNING = "results/sign"
WAKING = (
    "A call with a valid key wakes it: send the key as X-API-Key, as Authorization: Bearer, or as "
    "the password in the URL."
)
# For those who wake nothing; who stopped it, and why, is not theirs to know.
SHORT: Mapping[State, str] = {
    "asleep": f"The GPU is asleep. {WAKING}",
    "stopping": f"The GPU is being stopped. {WAKING}",
    "backoff": f"The GPU is asleep; its last start failed. {WAKING}",
}
WRONG_KEY = "The key that was sent is not valid. "
# States in which nothing goes on unless somebody with a key calls.
AT_REST = ("asleep", "stopping", "backoff", "quiet", "budget")
ASK_AGAIN_SECONDS = 60.0


def answer(
    desk: Desk, request: Request, key: Key | None, links: Callable[[], ResultLinks | None]
) -> Answer:
    """Raises Refused or Unreachable."""
    rest = request.path.strip("/").partition("/")[2]
    target = IDLE if request.headers.get(SLOT_HEADER.lower(), "").lower() == IDLE else LIVE
    if key is None:
        view = desk.view(target, fresh=False)
        if rest not in PUBLIC:
            return key_needed(**_for_strangers(view))
        situation = view.situation
        first = WRONG_KEY if presented(request.headers) else ""
        sentence = first + SHORT.get(situation.state, situation.sentence)
        told = {**_for_strangers(view), **_health(view)}
        asleep = situation.state in AT_REST
        wait = later(ASK_AGAIN_SECONDS if asleep else situation.eta_seconds)
        return refusal(503, sentence, wait, **told)
    if rest == SIGNING and request.method == "POST":
        return sign(request, key.name, links)
    view = desk.view(target)
    if view.situation.wakes:
        desk.wish(target, key.name, view)
    return _not_now(view, view.situation.sentence, public=rest in PUBLIC)


def of_a_server(path: str) -> bool:
    return path.strip("/").partition("/")[0] in SERVERS


def _not_now(view: View, sentence: str, *, public: bool) -> Answer:
    told = _told(view)
    if public:
        told = {**told, **_health(view)}
    return refusal(503, sentence, later(view.situation.eta_seconds), **told)


def _for_strangers(view: View) -> dict[str, object]:
    """Nobody is told when a start ends that this call does not begin."""
    told = _told(view)
    return {**told, "eta_seconds": None} if view.situation.state in AT_REST else told


def _health(view: View) -> dict[str, object]:
    """The fields that clients of a server's health checks read."""
    return {"status": view.situation.state, "model_loaded": False, "ready": False}


def _told(view: View) -> dict[str, object]:
    """The same for callers with and without a key."""
    situation = view.situation
    return {
        "state": situation.state,
        "eta_seconds": max(1, math.ceil(situation.eta_seconds)),
        "usual_seconds": round(situation.usual_seconds),
        "stage": situation.stage,
    }
