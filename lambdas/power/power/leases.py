"""`/power/lease`: somebody keeps the live slots on for some hours, and says why."""

from __future__ import annotations

import uuid
from dataclasses import replace

from power.alb import Answer, Request
from power.answers import Refused, said
from power.bodies import flag, hours, read_fields, reason
from power.desk import Desk, View
from power.keys import Key
from power.memory import LIVE, Memory
from power.model import Lease, Wish
from power.status import moment

MOST_LEASES = 20
HOUR = 3600.0


def list_leases(desk: Desk, request: Request, key: Key) -> Answer:
    view = desk.view(LIVE)
    leases = [described(lease, view.memory) for lease in view.memory.leases]
    return said(200, {"success": True, "leases": leases, "count": len(leases)})


def make_lease(desk: Desk, request: Request, key: Key) -> Answer:
    fields = read_fields(request, ("hours", "minutes", "reason", "override_budget"))
    seconds = HOUR * hours(fields, desk.settings.most_lease_hours)
    why, override = reason(fields), flag(fields, "override_budget")
    view = desk.view(LIVE, urgent=True)
    if len(view.memory.leases) >= MOST_LEASES:
        raise Refused(409, f"There are {MOST_LEASES} leases already: release one first.")
    if view.situation.state == "budget" and not override:
        raise Refused(409, view.situation.sentence, state="budget")
    at = desk.stamp()
    lease = Lease(uuid.uuid4().hex[:12], key.name, why, at, at + seconds, override)
    desk.store.put_lease(lease)
    desk.wake()
    return _told(201, lease, desk.view(LIVE, urgent=True))


def extend_lease(desk: Desk, request: Request, key: Key, lease_id: str) -> Answer:
    """From now on, whatever was left of it; that is a wish for the GPU like a new one."""
    fields = read_fields(request, ("hours", "minutes"))
    seconds = HOUR * hours(fields, desk.settings.most_lease_hours)
    view = desk.view(LIVE)
    lease = replace(_own(view.memory, lease_id, key), expires_at=view.now + seconds)
    if not desk.store.extend_lease(lease):
        raise _unknown()
    desk.store.put_wish(LIVE, Wish(desk.stamp(), key.name, lease.reason, urgent=True))
    desk.wake()
    return _told(200, lease, view)


def release_lease(desk: Desk, request: Request, key: Key, lease_id: str) -> Answer:
    lease = _own(desk.view(LIVE).memory, lease_id, key)
    desk.store.drop_lease(lease.id)
    desk.wake()
    return said(200, {"success": True, "released": lease.id})


def described(lease: Lease, memory: Memory) -> dict[str, object]:
    return {
        "id": lease.id,
        "owner": lease.owner,
        "reason": lease.reason,
        "created_at": moment(lease.created_at),
        "expires_at": moment(lease.expires_at),
        "override_budget": lease.override,
        "price_usd": round(price(lease, memory), 4),
    }


def price(lease: Lease, memory: Memory) -> float:
    """What all instances have cost since the lease was made, in US dollars."""
    return sum(
        max(0.0, one.seen_at - max(one.launched_at, lease.created_at)) / HOUR * one.price
        for one in memory.hours.instances.values()
    )


def _told(status: int, lease: Lease, view: View) -> Answer:
    told = {
        "success": True,
        "lease": described(lease, view.memory),
        "state": view.situation.state,
        "eta_seconds": round(view.situation.eta_seconds),
    }
    return said(status, told)


def _own(memory: Memory, lease_id: str, key: Key) -> Lease:
    lease = next((each for each in memory.leases if each.id == lease_id), None)
    if lease is None:
        raise _unknown()
    if lease.owner != key.name and not key.service:
        error = f"This lease is {lease.owner}'s: only {lease.owner} or the service key changes it."
        raise Refused(403, error)
    return lease


def _unknown() -> Refused:
    return Refused(404, "There is no such lease, or it is over. GET /power/lease lists them.")
