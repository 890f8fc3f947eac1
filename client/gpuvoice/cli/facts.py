"""What `/power/status` tells beside the start: money, leases, and when it stops by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from gpuvoice.power import PowerStatus

Fact = tuple[str, str]


def facts_of(status: PowerStatus, now: datetime) -> list[Fact]:
    """Pairs of label and sentence; times in the zone of `now`."""
    facts = [*_failure(status, now), *_stops(status, now), *_money(status)]
    for lease in status.data.get("leases") or []:
        facts.append(("lease", _lease(lease, now)))
    return facts


def moment(text: object) -> datetime | None:
    """A time of the power switch, or None."""
    try:
        found = datetime.strptime(str(text), "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return None
    return found.replace(tzinfo=timezone.utc)


def here() -> datetime:
    """Now, in the time zone of this machine."""
    return datetime.now(timezone.utc).astimezone()


def clock(text: object, now: datetime) -> str:
    """A time of the power switch as on the wall: `18:30`, with the day if it is another one."""
    at = moment(text)
    if at is None:
        return "?"
    local = at.astimezone(now.tzinfo)
    return f"{local:%H:%M}" if local.date() == now.date() else f"{local:%d %b %H:%M}"


def _lease(lease: Mapping[str, Any], now: datetime) -> str:
    until, price = clock(lease.get("expires_at"), now), float(lease.get("price_usd") or 0)
    owner, reason = lease.get("owner", "?"), lease.get("reason", "")
    return f"{owner} until {until}: {reason} (${price:.2f} so far, id {lease.get('id', '?')})"


def _failure(status: PowerStatus, now: datetime) -> list[Fact]:
    failures, again = status.slot.get("failures") or 0, status.slot.get("retry_at")
    if not failures:
        return []
    after = f"; the next may begin at {clock(again, now)}" if again else ""
    return [("failed", f"{failures} start(s) in a row{after}")]


def _stops(status: PowerStatus, now: datetime) -> list[Fact]:
    slot, data = status.slot, status.data
    stop, asked = slot.get("stop"), slot.get("stop_asked")
    if status.state in ("asleep", "quiet", "budget", "backoff", "stopping"):
        return [("stopped", str(stop["reason"]))] if stop else []
    if asked:
        by, reason = asked.get("by", "?"), asked.get("reason", "")
        return [("stops", f"at the first moment with nothing under way ({by}: {reason})")]
    idle, cap = data.get("idle_minutes"), data.get("hard_cap_at")
    latest = f"; at {clock(cap, now)} at the latest" if cap else ""
    ends = [moment(lease.get("expires_at")) for lease in data.get("leases") or []]
    last = max((end for end in ends if end), default=None)
    if last is not None:
        until = clock(f"{last:%Y-%m-%dT%H:%M:%SZ}", now)
        return [("stops", f"not before {until}, when the last lease ends{latest}")]
    return [("stops", f"by itself {idle:g} min after the last call{latest}")] if idle else []


def _money(status: PowerStatus) -> list[Fact]:
    budget = status.data.get("budget") or {}
    spent, limit = float(budget.get("spent_usd") or 0), budget.get("limit_usd")
    text = f"${spent:.2f} this month"
    if limit:
        text = f"${spent:.2f} of ${float(limit):.2f} this month ({budget.get('percent', 0):g} %)"
    price = status.slot.get("price_per_hour_usd")
    return [("cost", f"{text}; ${price:.2f} for each hour that it is on" if price else text)]
