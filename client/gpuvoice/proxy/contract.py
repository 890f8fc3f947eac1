"""The ports that clients know: one server each, as it is, and the power switch beside it."""

from __future__ import annotations

from starlette.types import Receive, Scope, Send

from gpuvoice.proxy.guard import Area
from gpuvoice.proxy.passage import Passage
from gpuvoice.proxy.target import PREFIXES, below, target_of
from gpuvoice.proxy.upstream import Role

SERVERS = (PREFIXES["speech"], PREFIXES["recognition"])


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
    """Any page of this machine may ask for speech; for named ones is turning the GPU off, and what
    others had made: a list of jobs and their clips, with the key that the proxy holds."""
    parts = [part for part in path.split("/") if part]
    while parts and f"/{parts[0]}" in SERVERS:
        del parts[0]  # a server takes its own prefix off once more
    return "own" if parts[:1] in (["power"], ["jobs"]) else "contract"
