"""What a run saw, and what runs saw together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any

KEPT_FAULTS = 20


@dataclass
class Tally:
    """`faults` counts broken promises by their check; `told` describes the first of them.

    Lists are minutes. Of overruns and waits the clean ones are those that nothing in the world
    broke or hid.
    """

    days: int = 0
    requests: int = 0
    refused: int = 0
    starts: int = 0
    hours: float = 0.0
    looks: int = 0
    crashes: int = 0
    stops: Counter[str] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    happened: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    overruns: list[float] = field(default_factory=list)
    other_overruns: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    other_waits: list[float] = field(default_factory=list)
    past_cap: float = 0.0
    refusing: float = 0.0

    def fault(self, check: str, told: str) -> None:
        self.faults[check] += 1
        if len(self.told) < KEPT_FAULTS:
            self.told.append(f"{check}: {told}")

    def add(self, other: Tally) -> None:
        for each in fields(self):
            mine, theirs = getattr(self, each.name), getattr(other, each.name)
            if each.name in ("past_cap", "refusing"):
                setattr(self, each.name, max(mine, theirs))
            elif isinstance(mine, Counter):
                mine.update(theirs)
            else:
                setattr(self, each.name, mine + theirs)
        del self.told[KEPT_FAULTS:]

    def plain(self) -> dict[str, Any]:
        return {each.name: getattr(self, each.name) for each in fields(self)}
