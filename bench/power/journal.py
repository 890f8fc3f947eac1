"""The controller's journal in a simulation where nobody reads it."""

from __future__ import annotations

from power.model import Decision, Facts


class Silent:
    def decided(self, facts: Facts, decision: Decision, now: float) -> None:
        return

    def happened(self, slot: str, what: str) -> None:
        return
