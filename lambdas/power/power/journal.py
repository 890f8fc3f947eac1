"""The log: a JSON line for each decision with the facts it saw, and metrics of what went wrong."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TextIO

from power.decide import decide
from power.model import Decision, Facts
from power.plain import to_plain

ALL_SLOTS = "all"
FORCED = ("cap", "budget", "unreachable")


class LogJournal:
    """Lines on standard output: decisions for `python -m power.replay`, and CloudWatch's embedded
    metric format. `POWER_NAMESPACE` is the metrics' namespace."""

    def __init__(self, namespace: str, out: TextIO | None = None) -> None:
        self._namespace, self._out = namespace, out

    def decided(self, facts: Facts, decision: Decision, now: float) -> None:
        told = _told(facts)
        self._line(
            {
                "message": "decision",
                "at": now,
                "slot": facts.slot,
                **to_plain(decision),
                "reason": decide(told, now).reason,
                "facts": to_plain(told),
            }
        )
        if facts.record.phase != "off" or decision.action != "stay":
            self._metrics(facts.slot, _values(facts, decision, now))
            self._metrics(ALL_SLOTS, {"MonthCostUsd": round(facts.budget.spent_usd, 4)})

    def happened(self, slot: str, what: str) -> None:
        self._line({"message": what, "at": time.time(), "slot": slot})

    def _metrics(self, slot: str, values: Mapping[str, float]) -> None:
        names = [{"Name": name, "Unit": "None"} for name in values]
        directive = {"Namespace": self._namespace, "Dimensions": [["Slot"]], "Metrics": names}
        stamp = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
        self._line({"_aws": stamp, "Slot": slot, **values})

    def _line(self, document: Mapping[str, object]) -> None:
        (self._out or sys.stdout).write(json.dumps(document, separators=(",", ":")) + "\n")


def _told(facts: Facts) -> Facts:
    """What people wrote as a reason is theirs: it is in the table and not in the log."""
    stop = facts.record.stop
    return replace(
        facts,
        wish=replace(facts.wish, reason="") if facts.wish else None,
        stop_wish=replace(facts.stop_wish, reason="") if facts.stop_wish else None,
        leases=tuple(replace(lease, reason="") for lease in facts.leases),
        record=replace(
            facts.record, stop=replace(stop, reason="") if stop and stop.by_people else stop
        ),
    )


def _values(facts: Facts, decision: Decision, now: float) -> dict[str, float]:
    closes = decision.action == "close" and facts.record.phase != "closing"
    return {
        "StartFailures": float(decision.action == "fail"),
        "ForcedStops": float(closes and decision.kind in FORCED),
        "OverdueMinutes": round(overdue_minutes(facts, decision, now), 1),
    }


def overdue_minutes(facts: Facts, decision: Decision, now: float) -> float:
    """How long it has been on beyond what the rules allow: a stop that does not come about, or an
    instance that does not end."""
    record, policy = facts.record, facts.policy
    if record.phase == "leaving":
        return max(0.0, now - record.since) / 60
    if decision.action == "stop" and decision.kind == "idle":
        last = [one.last_request_at or now for one in facts.servers.values()]
        last += [record.warm_at or 0.0, facts.wish.at if facts.wish else 0.0]
        return max(0.0, (now - max(last)) / 60 - policy.idle_minutes)
    if record.started_at is not None:
        return max(0.0, (now - record.started_at) / 60 - policy.hard_cap_hours * 60)
    return 0.0
