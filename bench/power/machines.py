"""One GPU instance and the two servers on it."""

from __future__ import annotations

from typing import Protocol

SERVERS = ("tts", "whisperx")


class Request(Protocol):
    def ended(self, why: str) -> None:
        """`done`, or why it was cut."""


class Server:
    """A server process as the controller and callers see it: work under way, drain lease."""

    __slots__ = ("asked", "drain_until", "last", "ready", "under_way", "up")

    def __init__(self) -> None:
        self.up = self.ready = False
        # `last` is what the server says, which forgets at its restart; `asked` is true.
        self.last = self.asked = self.drain_until = 0.0
        self.under_way: dict[Request, None] = {}

    def begin(self, request: Request, now: float) -> str:
        """`taken`, or why it was refused."""
        if not self.ready:
            return "loading"
        if self.drain_until > now:
            return "draining"
        self.under_way[request] = None
        self.last = self.asked = now
        return "taken"

    def end(self, request: Request, now: float) -> None:
        del self.under_way[request]
        self.last = self.asked = now

    def drain(self, seconds: float, now: float) -> bool:
        if self.under_way:
            return False
        self.drain_until = now + seconds
        return True

    def idle(self, now: float) -> float:
        return 0.0 if self.under_way else now - self.last

    def cut(self, why: str) -> None:
        cut, self.under_way = self.under_way, {}
        for request in cut:
            request.ended(why)


class Machine:
    """`goes` says why it was told to go, `told_at` when."""

    __slots__ = (
        "alive", "draining", "goes", "id", "joined", "launched_at", "noticed_at", "placed",
        "servers", "slot", "spot", "stages", "told_at", "unreachable_until",
    )  # fmt: skip

    def __init__(self, name: str, slot: str, now: float, *, spot: bool) -> None:
        self.id, self.slot, self.launched_at, self.spot = name, slot, now, spot
        self.servers = {server: Server() for server in SERVERS}
        self.alive, self.joined, self.placed, self.draining = True, False, False, False
        self.goes: str | None = None
        self.told_at = self.unreachable_until = 0.0
        self.noticed_at: float | None = None
        self.stages: dict[str, float] = {"instance running": now}

    @property
    def ready(self) -> bool:
        """Healthy in both target groups."""
        return (
            self.alive
            and not self.draining
            and all(server.ready for server in self.servers.values())
        )

    @property
    def last(self) -> float:
        return max(server.last for server in self.servers.values())

    @property
    def asked(self) -> float:
        return max(server.asked for server in self.servers.values())

    @property
    def under_way(self) -> int:
        return sum(len(server.under_way) for server in self.servers.values())

    def cut(self, why: str) -> None:
        for server in self.servers.values():
            server.up = server.ready = False
            server.cut(why)
