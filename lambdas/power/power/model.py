"""What the controller sees (facts), concludes (decisions) and remembers (records).

Times are seconds since 1970. Everything is frozen and can be written as JSON (power.plain).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from power.policy import Policy

# off: counts at 0. starting: counts at 1, not warm yet. on: was warm. closing: takes no new work
# and ends at a deadline. leaving: nothing reaches it, counts go to 0, its instance ends.
Phase = Literal["off", "starting", "on", "closing", "leaving"]
StopKind = Literal[
    "idle", "operator", "schedule", "cap", "budget", "failed", "unreachable", "elsewhere"
]
Action = Literal[
    "stay", "start", "adopt", "raise", "warm", "stop", "close", "lower", "fail", "off",
    "replace", "fall back",
]  # fmt: skip
# The way of a start; each stage is reached once.
STAGES = (
    "capacity asked", "instance running", "agent joined", "image pulled", "container up",
    "model loading", "warm",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody needs the GPU. An urgent one passes quiet hours and the pause after a failure."""

    at: float
    by: str
    reason: str = "a call"
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class StopWish:
    """Stop at the first moment that nothing is under way and nothing was for `quiet_seconds`."""

    at: float
    by: str
    until: float
    kind: Literal["operator", "schedule"] = "operator"
    quiet_seconds: float = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Lease:
    """Keeps the live slots on. With `override` also past the budget; never past the hard cap."""

    id: str
    owner: str
    reason: str
    created_at: float
    expires_at: float
    override: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """Why and since when a slot is being, or was last, stopped."""

    kind: StopKind
    reason: str
    at: float
    by: str = "power"
    # When what is still under way is cut, for a stop that cannot wait for ever.
    deadline: float | None = None

    @property
    def by_people(self) -> bool:
        return self.kind in ("operator", "schedule")


@dataclass(frozen=True, slots=True)
class SlotRecord:
    """What is remembered of a slot between two looks.

    `live`: some callers are sent there; `main`: it has the larger share of them.
    `started_at`: when it began to cost; `asked_at`: when the start under way, or the last one, was
    asked for (a replaced Spot instance begins a new one); `cold_since`: not ready after it was.
    """

    phase: Phase = "off"
    since: float = 0.0
    live: bool = False
    main: bool = False
    started_at: float | None = None
    asked_at: float | None = None
    warm_at: float | None = None
    cold_since: float | None = None
    stop: Stop | None = None
    failures: int = 0
    retry_at: float = 0.0
    on_demand: bool = False
    stages: Mapping[str, float] = field(default_factory=dict)
    # Spot instances that were replaced after their notice, and when they must be gone.
    doomed: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """The newest minute that a server reported, and when that was; None: nothing was seen."""

    newest_at: float | None = None
    last_request_at: float | None = None
    in_flight: float = 0
    queue_depth: float = 0


@dataclass(frozen=True, slots=True)
class Budget:
    spent_usd: float = 0.0
    limit_usd: float = 0.0

    @property
    def percent(self) -> float:
        """0 without a limit."""
        return 100 * self.spent_usd / self.limit_usd if self.limit_usd else 0.0


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a decision about one slot depends on. `ready` is None when nobody could tell."""

    slot: str
    live: bool
    record: SlotRecord
    policy: Policy
    service_count: int = 0
    group_count: int = 0
    instances: int = 0
    ready: bool | None = False
    servers: Mapping[str, ServerFacts] = field(default_factory=dict)
    # Of the other slot while both are live: a trial is on as long as the main slot is.
    partner_last_request_at: float | None = None
    wish: Wish | None = None
    stop_wish: StopWish | None = None
    leases: tuple[Lease, ...] = ()
    quiet: bool = False
    budget: Budget = Budget()
    interrupted: tuple[str, ...] = ()
    spot: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """`reason` is a sentence for people; `kind` says which rule a stop follows."""

    action: Action
    reason: str
    kind: StopKind | None = None
    deadline: float | None = None
