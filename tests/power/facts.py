"""Facts to decide on, at one fixed moment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from power.model import Facts, Lease, Phase, ServerFacts, SlotRecord, Wish
from power.policy import Policy

NOW = 1_795_500_000.0
MINUTE, HOUR = 60.0, 3600.0
POLICY = Policy()


def server(idle_minutes: float = 0, *, age_minutes: float = 1, **given: Any) -> ServerFacts:
    """A server whose last request ended so long ago, heard a minute ago."""
    return ServerFacts(
        newest_at=NOW - age_minutes * MINUTE, last_request_at=NOW - idle_minutes * MINUTE, **given
    )


def record(phase: Phase, **given: Any) -> SlotRecord:
    """A slot's record; one that is on was started two hours ago and warm six minutes later."""
    if phase == "off":
        return SlotRecord(since=NOW - 10 * HOUR, live=True, main=True, **given)
    began = given.pop("started_at", NOW - 2 * HOUR)
    plain = SlotRecord(
        phase=phase,
        since=began,
        live=True,
        main=True,
        started_at=began,
        asked_at=began,
        warm_at=began + 6 * MINUTE if phase == "on" else None,
    )
    return replace(plain, **given)


def off(**given: Any) -> Facts:
    of_record = given.pop("record", None) or record("off")
    return Facts(
        slot="blue", live=True, record=of_record, policy=given.pop("policy", POLICY), **given
    )


def on(idle_minutes: float = 0, **given: Any) -> Facts:
    """On and ready; both servers idle for so long."""
    plain: dict[str, Any] = {
        "record": record("on"),
        "policy": POLICY,
        "service_count": 1,
        "group_count": 1,
        "instances": 1,
        "ready": True,
        "servers": {"tts": server(idle_minutes), "whisperx": server(idle_minutes)},
    }
    return Facts(slot="blue", live=True, **{**plain, **given})


def starting(minutes: float, **given: Any) -> Facts:
    """Asked for so long ago, not ready yet."""
    plain: dict[str, Any] = {
        "record": record("starting", started_at=NOW - minutes * MINUTE),
        "policy": POLICY,
        "service_count": 1,
        "group_count": 1,
        "instances": 1,
        "ready": False,
    }
    return Facts(slot="blue", live=True, **{**plain, **given})


def wish(minutes_ago: float, **given: Any) -> Wish:
    return Wish(NOW - minutes_ago * MINUTE, "alice", **given)


def lease(minutes_left: float, *, made_minutes_ago: float = 30, **given: Any) -> Lease:
    return Lease(
        id="demo",
        owner="alice",
        reason="demo",
        created_at=NOW - made_minutes_ago * MINUTE,
        expires_at=NOW + minutes_left * MINUTE,
        **given,
    )
