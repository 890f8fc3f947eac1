"""`/power/status`: the slots and how far a start is, who holds them, what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from power.desk import Desk, View
from power.memory import IDLE, LIVE, Memory, month_of
from power.model import STAGES, Budget, SlotRecord
from power.stages import stage_seconds


def status(desk: Desk) -> dict[str, Any]:
    """Times are in UTC, money in US dollars. Raises Unreachable."""
    view = desk.view(LIVE)
    memory, policy = view.memory, desk.settings.policy
    began = [r.started_at for r in memory.records.values() if r.live and r.started_at is not None]
    budget = Budget(desk.situations.spent(memory, view.now), policy.budget_usd)
    return {
        "success": True,
        "state": view.situation.state,
        "eta_seconds": _eta(view),
        "usual_seconds": round(view.situation.usual_seconds),
        "on_since": moment(min(began, default=None)),
        "hard_cap_at": moment(min(began) + policy.hard_cap_hours * 3600 if began else None),
        "slots": {slot: _slot(desk, slot) for slot in desk.settings.slots},
        "budget": {
            "month": month_of(view.now),
            "spent_usd": round(budget.spent_usd, 4),
            "limit_usd": budget.limit_usd,
            "percent": round(budget.percent, 1),
        },
        "quiet": desk.situations.quiet(view.now),
        "idle_minutes": policy.idle_minutes,
        "hard_cap_hours": policy.hard_cap_hours,
    }


def moment(at: float | None) -> str | None:
    """A time as people and programs read it."""
    return None if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _slot(desk: Desk, slot: str) -> dict[str, Any]:
    view = desk.view(slot, fresh=False)
    record = view.record
    stop = record.stop
    return {
        "state": view.situation.state,
        "eta_seconds": _eta(view),
        "phase": record.phase,
        "since": moment(record.since or None),
        "live": record.live,
        "main": record.main,
        "price_per_hour_usd": _price(desk, slot, record),
        "stages": _stages(record, view.memory),
        "stop": None
        if stop is None
        else {"kind": stop.kind, "reason": stop.reason, "at": moment(stop.at), "by": stop.by,
              "deadline": moment(stop.deadline)},
        "stop_asked": _asked(view),
        "failures": record.failures,
        "retry_at": moment(record.retry_at if record.retry_at > view.now else None),
    }  # fmt: skip


def _asked(view: View) -> dict[str, Any] | None:
    """A stop that waits for a moment with nothing under way."""
    record, wishes = view.record, view.memory.stop_wishes
    addressed = [view.slot, *([LIVE] if record.live else []), *([] if record.main else [IDLE])]
    newest = max(
        (wishes[one] for one in addressed if one in wishes), key=lambda one: one.at, default=None
    )
    if newest is None or newest.until <= view.now or record.phase not in ("on", "starting"):
        return None
    if newest.at < (record.started_at or 0.0):
        return None
    return {"by": newest.by, "reason": newest.reason, "kind": newest.kind,
            "at": moment(newest.at), "until": moment(newest.until)}  # fmt: skip


def _eta(view: View) -> int:
    return 0 if view.situation.state == "on" else round(view.situation.eta_seconds)


def _price(desk: Desk, slot: str, record: SlotRecord) -> float:
    names = desk.settings.slots[slot]
    return names.on_demand_price if record.on_demand else names.price


def _stages(record: SlotRecord, memory: Memory) -> list[dict[str, Any]]:
    """Each stage with the time that it took from the one before, and takes as a rule."""
    known: Mapping[str, tuple[float, float]] = stage_seconds(memory.starts)
    reached = record.stages
    took = {
        stage: round(reached[stage] - reached[before], 1)
        for before, stage in pairwise([each for each in STAGES if each in reached])
    }
    return [
        {
            "stage": stage,
            "reached_at": moment(reached.get(stage)),
            "seconds": took.get(stage),
            "usual_seconds": round(known[stage][0], 1) if stage in known else None,
            "slow_seconds": round(known[stage][1], 1) if stage in known else None,
        }
        for stage in STAGES
    ]
