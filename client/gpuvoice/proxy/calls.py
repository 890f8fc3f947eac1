"""The last calls, for whoever looks: when, how long, how it went. Never what was said or heard."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import count
from typing import Any, Literal

from gpuvoice.proxy.payload import parsed

State = Literal["waiting", "running", "done", "failed", "cancelled"]
KEPT = 50
# Larger bodies are not opened only to count what is in them.
COUNTED_BYTES = 65536
LISTS = ("texts", "audios", "items")
SHOWN_CHARACTERS = 300


@dataclass
class Call:
    """One call for work. `began` is of the monotonic clock."""

    id: str
    call: str
    source: Literal["console", "client"]
    began_at: datetime
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None
    state: State = "running"
    items: int | None = None
    status: int | None = None
    queue_position: int | None = None
    queue_wait_seconds: float | None = None
    error: str | None = None

    def end(self, state: State, error: str | None = None) -> None:
        """The first end is the one that counts."""
        if self.ended is None:
            self.state, self.ended = state, time.monotonic()
            self.error = error[:SHOWN_CHARACTERS] if error else None

    def shown(self) -> dict[str, Any]:
        end = time.monotonic() if self.ended is None else self.ended
        return {
            "id": self.id,
            "call": self.call,
            "items": self.items,
            "state": self.state,
            "began_at": f"{self.began_at:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
            "seconds": round(end - self.began, 3),
            "status": self.status,
            "queue_position": self.queue_position,
            "queue_wait_seconds": self.queue_wait_seconds,
            "error": self.error,
            "from": self.source,
        }


class Calls:
    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc)) -> None:
        self._kept: deque[Call] = deque(maxlen=KEPT)
        self._numbers = count(1)
        self._clock = clock

    def begin(self, path: str, source: Literal["console", "client"]) -> Call:
        call = Call(f"call-{next(self._numbers)}", path[:80], source, self._clock())
        self._kept.appendleft(call)
        return call

    def shown(self) -> list[dict[str, Any]]:
        """The newest first."""
        return [call.shown() for call in self._kept]

    def waiting(self) -> int:
        return sum(call.state == "waiting" for call in self._kept)


def items_in(body: bytes) -> int | None:
    """How many texts or recordings a request is about; None where it cannot be told."""
    try:
        found = parsed(body)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    lists = [found[name] for name in LISTS if isinstance(found.get(name), list)]
    return len(lists[0]) if lists else 1
