"""Whether a server can take work now, by what it or the function before it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gpuvoice.proxy.payload import object_in, sentence_in
from gpuvoice.proxy.refused import Refused, later
from gpuvoice.waiting import FINAL, retry_seconds

# In these nothing goes on unless a call with a valid key comes.
AT_REST = ("asleep", "stopping", *FINAL)
ASLEEP = "The GPU is asleep."
STARTING = "The server is starting."
BUSY = "The server is busy."
# Of a load balancer or a proxy on the way, whose server did not answer it.
UNREACHED = (502, 504)
NO_KEY = (
    "The GPU is asleep, and the proxy has no key to wake it with. Set TTS_API_KEY, or api_key in "
    "server_config.json (`gpuvoice config init`), and start the proxy again."
)
UNWOKEN = (
    "The GPU is asleep, and this proxy wakes nothing (--wake never). Start it: gpuvoice up, or the "
    "button in the console."
)
KEY_REFUSED = (
    "The server refuses the key of the proxy ({}). Set TTS_API_KEY, or api_key in "
    "server_config.json, and start the proxy again."
)
NO_KEY_THERE = (
    "The server wants a key, and the proxy has none. Set TTS_API_KEY, or api_key in "
    "server_config.json (`gpuvoice config init`), and start the proxy again."
)
WRONG_KEY = (
    "The key of the proxy is not valid there, so it cannot wake the GPU. Set TTS_API_KEY, or "
    "api_key in server_config.json, and start the proxy again."
)


@dataclass(frozen=True)
class NotNow:
    """Why there is no answer yet. `broken`: the call may have reached the server and was lost.
    `gone`: nobody is there; `in_place`: but somebody answers in the server's place."""

    status: int
    sentence: str
    seconds: float
    state: str = ""
    eta_seconds: int | None = None
    stage: str | None = None
    told_eta: bool = True
    broken: bool = False
    gone: bool = False
    in_place: bool = False

    @property
    def at_rest(self) -> bool:
        return self.state in AT_REST

    def refused(self, status: int = 503, sentence: str | None = None) -> Refused:
        """The same for the caller."""
        more = {"state": self.state, "eta_seconds": self.eta_seconds} if self.state else {}
        return Refused(status, sentence or self.sentence, later(self.seconds), more)


def not_now(
    status: int, retry_after: str | None, body: bytes, *, asked_only: bool = False
) -> NotNow:
    """From an answer that asks to come back later; the load balancer's own are HTML.

    `asked_only`: nothing was sent that could be lost.
    """
    unreached = status in UNREACHED
    found = object_in(body)
    eta = found.get("eta_seconds")
    state = str(found.get("state") or "")
    return NotNow(
        status,
        _sentence(found, state, status),
        0.0 if status == 413 else retry_seconds(retry_after),
        state,
        eta if isinstance(eta, int) else None,
        found["stage"] if isinstance(found.get("stage"), str) else None,
        told_eta="eta_seconds" not in found or eta is not None,
        broken=unreached and not asked_only,
        gone=unreached and asked_only,
        in_place=unreached,
    )


def verdict(answer: NotNow, *, woken: bool, has_key: bool) -> Refused | None:
    """What the caller is told at once; None where waiting helps.

    `woken`: the key was sent along, so that a valid one has begun a start.
    """
    if answer.state in FINAL:
        return answer.refused()
    if answer.at_rest and not woken:
        return answer.refused(sentence=UNWOKEN)
    if answer.at_rest and not answer.told_eta:
        # Nobody is told when a start ends that this key did not begin.
        return Refused(401, WRONG_KEY if has_key else NO_KEY)
    return None


def _sentence(found: Mapping[str, Any], state: str, status: int) -> str:
    if said := sentence_in(found):
        return said
    models = found.get("models")
    if isinstance(models, Mapping):
        details = [str(each.get("detail") or "") for each in models.values() if each]
        return next((f"{STARTING} {each}".strip() for each in details if each), STARTING)
    if status in UNREACHED:
        return f"Nobody answers behind the load balancer there ({status})."
    return ASLEEP if state == "asleep" else BUSY
