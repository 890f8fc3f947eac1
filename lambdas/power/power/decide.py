"""The decision about one slot: a pure function of what is known and the time.

What is missing or stale never stops a GPU; only the hard cap, the budget and the deadlines do.
"""

from __future__ import annotations

from power.model import STAGES, Decision, Facts, Lease, StopKind, Wish

MINUTE, HOUR = 60.0, 3600.0
# Stops of these kinds say nothing about whether somebody needs it.
NOBODY_S_WISH: tuple[StopKind, ...] = ("failed", "elsewhere", "unreachable")


def decide(facts: Facts, now: float) -> Decision:
    """What to do with the slot now. The same facts and time give the same decision."""
    match facts.record.phase:
        case "off":
            return _off(facts, now)
        case "starting":
            return _starting(facts, now)
        case "on":
            return _on(facts, now)
        case "closing":
            return _closing(facts, now)
        case "leaving":
            return _leaving(facts, now)


def active_leases(facts: Facts, now: float) -> list[Lease]:
    """Leases that hold the slot now: those of the team hold the live slots."""
    return [lease for lease in facts.leases if facts.live and lease.expires_at > now]


def budget_closed(facts: Facts, now: float) -> bool:
    """Whether the month's money is spent and no lease goes past it."""
    spent = facts.budget.percent >= facts.policy.budget_stop_percent and facts.budget.limit_usd > 0
    return spent and not any(lease.override for lease in active_leases(facts, now))


def _off(facts: Facts, now: float) -> Decision:
    if facts.group_count:
        return Decision("adopt", "It was turned on elsewhere; from now on it is watched.")
    if facts.instances:
        return Decision("stay", "An instance of it still ends.")
    if facts.service_count:
        return Decision("lower", "The service wants a task and the group has no instance.")
    wish = _open_wish(facts, now)
    if wish is None:
        return Decision("stay", "It is off and nobody needs it.")
    if budget_closed(facts, now):
        return Decision("stay", "The month's GPU budget is used up.")
    if facts.quiet and not wish.urgent:
        return Decision("stay", "Quiet hours: only an explicit start wakes it.")
    if now < facts.record.retry_at and not wish.urgent:
        left = _minutes(facts.record.retry_at - now)
        return Decision("stay", f"The last start failed; the next may begin in {left} min.")
    return Decision("start", _said(f"{wish.by} needs it", wish.reason))


def _open_wish(facts: Facts, now: float) -> Wish | None:
    """The newest need that the last stop has not answered; a lease is one, from its making."""
    stopped = facts.record.stop.at if facts.record.stop else facts.record.since
    wishes = [facts.wish] if facts.wish and now - facts.wish.at <= _wish_seconds(facts) else []
    overruled = _overruled_until(facts, now)
    leases = [one for one in active_leases(facts, now) if one.created_at > overruled]
    wishes += [Wish(one.created_at, one.owner, one.reason, urgent=True) for one in leases]
    if facts.record.stop is None or facts.record.stop.kind in NOBODY_S_WISH:
        # A lease outlives what nobody asked for; it waits for the pause after a failure.
        wishes += [Wish(now, one.owner, one.reason) for one in leases]
    fresh = [wish for wish in wishes if wish.at > max(stopped, overruled)]
    return max(fresh, key=lambda wish: (wish.urgent, wish.at), default=None)


def _overruled_until(facts: Facts, now: float) -> float:
    """Whatever was wished before somebody asked for a stop is over."""
    wish = facts.stop_wish
    asked = wish is not None and wish.kind == "operator" and now < wish.until
    return wish.at if asked and wish is not None else 0.0


def _wish_seconds(facts: Facts) -> float:
    return facts.policy.wish_minutes * MINUTE


def _starting(facts: Facts, now: float) -> Decision:
    record, policy = facts.record, facts.policy
    asked = record.asked_at if record.asked_at is not None else record.since
    if not facts.group_count:
        return Decision("lower", "Its instances were turned off elsewhere.", "elsewhere")
    capped = _cap(facts, now)
    if capped is not None:
        return capped
    if facts.interrupted:
        return Decision("replace", "AWS takes the Spot instance back; another one is asked for.")
    if facts.ready:
        return Decision("warm", f"Both servers are ready after {_minutes(now - asked)} min.")
    if budget_closed(facts, now):
        return Decision("lower", "The month's GPU budget is used up.", "budget")
    wish = facts.stop_wish
    if _stop_wanted(facts, now) and wish is not None:
        # No caller reaches a slot that was never warm: nothing is under way.
        return Decision("lower", f"{wish.by} stops the start.", wish.kind)
    if facts.ready is not None and now - asked > policy.start_deadline_minutes * MINUTE:
        limit = f"{policy.start_deadline_minutes:g}"
        last = next((stage for stage in reversed(STAGES) if stage in record.stages), STAGES[0])
        return Decision(
            "fail", f"It was not warm within {limit} min; it came to: {last}.", "failed"
        )
    if not facts.service_count:
        return Decision("raise", "The service has no task to run.")
    waited = facts.instances == 0 and facts.spot
    if (
        waited
        and policy.spot_fallback_minutes
        and now - asked > policy.spot_fallback_minutes * MINUTE
    ):
        return Decision("fall back", "No Spot instance came; one on demand is asked for.")
    return Decision("stay", f"It is starting, for {_minutes(now - asked)} min.")


def _on(facts: Facts, now: float) -> Decision:
    policy = facts.policy
    if not facts.group_count:
        return Decision("lower", "Its instances were turned off elsewhere.", "elsewhere")
    capped = _cap(facts, now)
    if capped is not None:
        return capped
    if budget_closed(facts, now):
        deadline = now + policy.drain_minutes * MINUTE
        return Decision("close", "The month's GPU budget is used up.", "budget", deadline)
    if facts.interrupted:
        return Decision("replace", "AWS takes the Spot instance back; another one is asked for.")
    cold, wish = _cold(facts, now), facts.stop_wish
    if cold is not None and cold.action == "close":
        return cold
    if _stop_wanted(facts, now) and wish is not None:
        return Decision("stop", _said(f"{wish.by} asks for it", wish.reason), wish.kind)
    if cold is not None:
        return cold
    leases = active_leases(facts, now)
    if leases:
        last = max(leases, key=lambda lease: lease.expires_at)
        left = _minutes(last.expires_at - now)
        return Decision("stay", _said(f"{last.owner} holds it for {left} min more", last.reason))
    return _idle(facts, now)


def _cap(facts: Facts, now: float) -> Decision | None:
    record, policy = facts.record, facts.policy
    if record.started_at is None:
        return None
    end = record.started_at + policy.hard_cap_hours * HOUR
    limit = f"{policy.hard_cap_hours:g}"
    if now < end - policy.drain_minutes * MINUTE:
        return None
    # Found late, after a time in which nobody looked: work under way has its time all the same.
    deadline = end if now < end else now + policy.drain_minutes * MINUTE
    return Decision("close", f"It has been on for {limit} h, the hard cap.", "cap", deadline)


def _cold(facts: Facts, now: float) -> Decision | None:
    if facts.ready or facts.record.cold_since is None:
        return None
    seconds = now - facts.record.cold_since
    if seconds <= facts.policy.start_deadline_minutes * MINUTE:
        return Decision("stay", f"Its servers are not ready, for {_minutes(seconds)} min.")
    stale = facts.policy.stale_minutes * MINUTE
    for name, server in sorted(facts.servers.items()):
        fresh = server.newest_at is not None and now - server.newest_at <= stale
        if fresh and server.in_flight:
            return Decision("stay", f"It is not ready as a whole, and {name} has work under way.")
    limit = f"{facts.policy.start_deadline_minutes:g}"
    reason = f"Its servers have not been ready for {limit} min."
    return Decision("close", reason, "unreachable", now + facts.policy.drain_minutes * MINUTE)


def _stop_wanted(facts: Facts, now: float) -> bool:
    """Whether somebody asked for a stop and nobody for the GPU since."""
    wish, record = facts.stop_wish, facts.record
    if wish is None or now >= wish.until or wish.at < (record.started_at or 0.0):
        return False
    since = [facts.wish.at] if facts.wish else []
    since += [lease.created_at for lease in active_leases(facts, now)]
    if any(at >= wish.at for at in since):
        return False
    if wish.kind == "schedule" and active_leases(facts, now):
        return False
    last = _last_need(facts, now)
    return not wish.quiet_seconds or (last is not None and now - last >= wish.quiet_seconds)


def _idle(facts: Facts, now: float) -> Decision:
    policy = facts.policy
    for name in sorted(facts.servers):
        newest = facts.servers[name].newest_at
        if newest is None or now - newest > policy.stale_minutes * MINUTE:
            return Decision("stay", f"Nothing fresh is known of {name}: it stays on.")
    last = _last_need(facts, now)
    if last is None:
        return Decision("stay", "Nothing is known of its requests: it stays on.")
    for name in sorted(facts.servers):
        server = facts.servers[name]
        if server.in_flight or server.queue_depth:
            return Decision("stay", f"{name} has work under way.")
    idle = now - last
    if idle < policy.idle_minutes * MINUTE:
        return Decision("stay", f"Idle for {_minutes(idle)} of {policy.idle_minutes:g} min.")
    return Decision("stop", f"Idle for {_minutes(idle)} min.", "idle")


def _last_need(facts: Facts, now: float) -> float | None:
    """When it was last of use: a request, the end of its start, a wish; None when unknown."""
    times = [server.last_request_at for server in facts.servers.values()]
    if not times or any(at is None for at in times):
        return None
    known = [at for at in times if at is not None]
    known += [facts.record.warm_at or 0.0, facts.partner_last_request_at or 0.0]
    known += [facts.wish.at] if facts.wish else []
    return min(max(known), now)


def _closing(facts: Facts, now: float) -> Decision:
    stop = facts.record.stop
    if not facts.group_count and not facts.service_count:
        return Decision("lower", "Its counts are at 0.", stop.kind if stop else "elsewhere")
    if stop is None or stop.deadline is None or now >= stop.deadline:
        return Decision(
            "lower", "What was under way had its time.", stop.kind if stop else "elsewhere"
        )
    left = _minutes(stop.deadline - now)
    reason = f"{stop.reason} What is under way has {left} min."
    return Decision("close", reason, stop.kind, stop.deadline)


def _leaving(facts: Facts, now: float) -> Decision:
    if facts.group_count or facts.service_count:
        return Decision("lower", "Its counts go to 0.")
    if facts.instances:
        return Decision("stay", f"Its instance ends, for {_minutes(now - facts.record.since)} min.")
    return Decision("off", "Its instance is gone.")


def _said(what: str, why: str) -> str:
    return f"{what}: {why.rstrip('.')}." if why else f"{what}."


def _minutes(seconds: float) -> str:
    return f"{seconds / MINUTE:.1f}".removesuffix(".0")
