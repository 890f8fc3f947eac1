"""Facts about one slot, from what AWS, the servers' metrics and the table say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from power.memory import IDLE, LIVE, Memory
from power.model import Budget, Facts, ServerFacts, SlotRecord, StopWish, Wish
from power.policy import Policy
from power.ports import SlotState

URGENT = ":urgent"


def facts_of(
    slot: str,
    record: SlotRecord,
    state: SlotState,
    *,
    now: float,
    memory: Memory,
    policy: Policy,
    weights: Mapping[str, int],
    metrics: Mapping[str, ServerFacts],
    partner_last_request_at: float | None,
    quiet: bool,
    spot: bool,
) -> Facts:
    """Everything that `decide` looks at."""
    live = bool(weights.get(slot))
    noticed = {notice.instance for notice in memory.notices}
    return Facts(
        slot=slot,
        live=live,
        record=record,
        policy=policy,
        service_count=state.service_count,
        group_count=state.group_count,
        instances=len(state.instances),
        ready=state.ready,
        servers=metrics,
        partner_last_request_at=partner_last_request_at,
        wish=newest_wish(memory, slot, record, policy, now),
        stop_wish=_stop_wish(memory, slot, record),
        leases=memory.leases,
        quiet=quiet,
        budget=Budget(memory.hours.spent_usd(), policy.budget_usd),
        interrupted=tuple(sorted(noticed & set(state.instances))),
        spot=spot,
    )


def newest_wish(
    memory: Memory, slot: str, record: SlotRecord, policy: Policy, now: float
) -> Wish | None:
    """The last one for this slot; urgent while an urgent one since the last stop is open."""
    targets = _targets(slot, record)
    plain = [memory.wishes[t] for t in targets if t in memory.wishes]
    stopped = record.stop.at if record.stop else record.since
    urgent = [
        memory.wishes[t + URGENT]
        for t in targets
        if t + URGENT in memory.wishes
        and memory.wishes[t + URGENT].at > stopped
        and now - memory.wishes[t + URGENT].at <= policy.wish_minutes * 60
    ]
    newest = max((*plain, *urgent), key=lambda wish: wish.at, default=None)
    if not urgent or newest is None:
        return newest
    return replace(max(urgent, key=lambda wish: wish.at), at=newest.at)


def _stop_wish(memory: Memory, slot: str, record: SlotRecord) -> StopWish | None:
    targets = _targets(slot, record)
    found = [memory.stop_wishes[t] for t in targets if t in memory.stop_wishes]
    return max(found, key=lambda wish: wish.at, default=None)


def _targets(slot: str, record: SlotRecord) -> list[str]:
    """What a wish for this slot may be addressed to."""
    return [slot, *([LIVE] if record.live else []), *([] if record.main else [IDLE])]
