"""The ports that clients know: one server each, as it is, and the power switch beside it."""

from __future__ import annotations

from starlette.types import Receive, Scope, Send

from gpuvoice.proxy.guard import Area
from gpuvoice.proxy.passage import Passage
from gpuvoice.proxy.refused import Refused
from gpuvoice.proxy.upstream import Role

PREFIXES: dict[Role, str] = {"speech": "/tts", "recognition": "/whisperx", "power": "/power"}


class Contract:
    """Answers at `/` and, as the servers do, under the server's own prefix."""

    def __init__(self, role: Role, passage: Passage) -> None:
        self._role, self._passage = role, passage

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        target = target_of(scope)
        power = below("/power", target)
        if power is not None:
            await self._passage("power", power, scope, receive, send)
            return
        inner = below(PREFIXES[self._role], target)
        target = target if inner is None else inner
        await self._passage(self._role, target, scope, receive, send)


def area_of(path: str) -> Area:
    """Any page of this machine may ask for speech; turning the GPU off is for named ones."""
    return "own" if path == "/power" or path.startswith("/power/") else "contract"


def target_of(scope: Scope) -> str:
    """Path and query as they came. Raises Refused for a path that climbs."""
    if any(part in (".", "..") for part in scope["path"].split("/")):
        raise Refused(400, "A path with . or .. in it is not sent on.")
    raw: bytes = scope["raw_path"] or scope["path"].encode()
    query: bytes = scope["query_string"]
    return (raw + (b"?" + query if query else b"")).decode("latin-1")


def below(prefix: str, target: str) -> str | None:
    """What of a target is below a prefix; None when it is elsewhere."""
    path, mark, query = target.partition("?")
    if path != prefix and not path.startswith(prefix + "/"):
        return None
    return (path[len(prefix) :] or "/") + mark + query
