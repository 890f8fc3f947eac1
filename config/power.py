"""When the GPU is on: idle stop, starts, limits, schedule, budget."""

from __future__ import annotations

from pydantic import Field, model_validator

from config.schedule import ScheduleSettings
from config.section import Section


class PowerSettings(Section):
    idle_minutes: float = Field(
        15,
        gt=0,
        description="Minutes without a request after which the GPU is stopped. Work under way and "
        "leases keep it on.",
    )
    stale_minutes: float = Field(
        5,
        ge=2,
        le=60,
        description="Age in minutes at which a server's newest report counts as missing. Then "
        "nobody knows whether it is idle, and it stays on.",
    )
    hard_cap_hours: float = Field(
        12,
        gt=0,
        le=168,
        description="Longest time on at a stretch, in hours, whatever holds it: the end of a GPU "
        "of which nothing is known.",
    )
    drain_minutes: float = Field(
        10,
        ge=0,
        le=60,
        description="How long work under way may go on at a stop that cannot wait (hard cap, "
        "budget, servers that are not ready), in minutes.",
    )
    start_deadline_minutes: float = Field(
        25,
        gt=0,
        le=180,
        description="Minutes from the wish for a GPU until both servers must be warm; later the "
        "start is given up. At least `servers.start_minutes`.",
    )
    usual_start_minutes: float = Field(
        6,
        gt=0,
        description="How long a start takes, in minutes, as callers are told until the first one "
        "was seen; from then on it is learned.",
    )
    backoff_minutes: float = Field(
        15,
        gt=0,
        description="Minutes after a failed start in which calls start no other; doubled by each "
        "failure in a row. A start with `force` is not held back.",
    )
    most_backoff_minutes: float = Field(
        240, gt=0, le=1440, description="Longest such pause, in minutes."
    )
    wish_minutes: float = Field(
        30,
        gt=0,
        le=240,
        description="How long a call that found the GPU asleep counts as a wish for it, in "
        "minutes.",
    )
    most_lease_hours: float = Field(
        12, gt=0, description="Longest lease, in hours; at most the hard cap, which ends leases."
    )
    spot_fallback_minutes: float = Field(
        5,
        ge=0,
        description="With purchase `spot`: minutes without an instance after which one on demand "
        "is asked for; 0 is never.",
    )
    on_demand_price_per_hour: float = Field(
        0.526,
        gt=0,
        description="US dollars an hour of that one; what is bought otherwise costs "
        "`capacity.price_per_hour`.",
    )
    budget_usd: float = Field(
        0,
        ge=0,
        description="US dollars that the GPU instances of this environment may cost in a calendar "
        "month (UTC), by their hours and prices; 0 is no limit.",
    )
    budget_batches_percent: float = Field(
        80,
        gt=0,
        le=100,
        description="Share of the budget, in percent, from which calls with several texts or "
        "recordings are refused.",
    )
    budget_stop_percent: float = Field(
        100,
        gt=0,
        le=200,
        description="Share from which the GPU is stopped and started by nobody but a lease with "
        "`override_budget`.",
    )
    schedule: ScheduleSettings = Field(
        ScheduleSettings(), description="Starts and stops by the clock, and quiet hours."
    )

    @model_validator(mode="after")
    def _limits_agree(self) -> PowerSettings:
        cap = 60 * self.hard_cap_hours
        if cap <= self.idle_minutes:
            raise ValueError(
                f"hard_cap_hours: {self.hard_cap_hours:g} h end the GPU before idle_minutes, "
                f"{self.idle_minutes:g}, can; make it longer"
            )
        if cap <= self.start_deadline_minutes + self.drain_minutes:
            raise ValueError(
                f"hard_cap_hours: {self.hard_cap_hours:g} h hold no start and stop "
                f"(start_deadline_minutes and drain_minutes, "
                f"{self.start_deadline_minutes + self.drain_minutes:g}); make it longer"
            )
        if self.most_lease_hours > self.hard_cap_hours:
            raise ValueError(
                f"most_lease_hours: the hard cap of {self.hard_cap_hours:g} h ends a lease of "
                f"{self.most_lease_hours:g} h; make it shorter, or hard_cap_hours longer"
            )
        if self.spot_fallback_minutes >= self.start_deadline_minutes:
            raise ValueError(
                "spot_fallback_minutes: the start is given up first; make it shorter than "
                f"start_deadline_minutes, {self.start_deadline_minutes:g}"
            )
        if self.most_backoff_minutes < self.backoff_minutes:
            raise ValueError(
                f"most_backoff_minutes: is below backoff_minutes, {self.backoff_minutes:g}"
            )
        if self.budget_batches_percent > self.budget_stop_percent:
            raise ValueError(
                f"budget_batches_percent: {self.budget_batches_percent:g} comes after the stop at "
                f"budget_stop_percent, {self.budget_stop_percent:g}; make it smaller"
            )
        return self
