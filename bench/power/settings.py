"""What a run is set to: each draws its own limits, way to buy, schedule, budget and team."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

from bench.power.clockwork import ZONE
from gpuvoice.costs.prices import G4DN
from power.look import Plan
from power.policy import Policy
from power.quiet import QuietWindow, is_quiet
from power.settings import PowerSettings, SlotNames

ON_DEMAND, SPOT = G4DN.on_demand.us_east_1, G4DN.spot.us_east_1
EVERY_DAY = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
NIGHT = QuietWindow(EVERY_DAY, 22 * 60, 6 * 60)
# Three o'clock in Berlin: quiet where nights are.
QUIET_MOMENT = 1_767_578_400.0
CAPS = (12, 12, 12, 4, 2)
BUDGETS = (12.0, 25.0, 40.0)


@dataclass(frozen=True, slots=True)
class Setting:
    plan: Plan
    spot: bool
    scheduled: bool
    size: float

    @property
    def price(self) -> float:
        return SPOT if self.spot else ON_DEMAND


def drawn(dice: Random) -> Setting:
    """Three in ten buy Spot, three in ten keep quiet nights, two in ten have a budget."""
    spot, scheduled = dice.random() < 0.3, dice.random() < 0.3
    policy = Policy(
        hard_cap_hours=dice.choice(CAPS),
        spot_fallback_minutes=5 if spot else 0,
        budget_usd=dice.choice(BUDGETS) if dice.random() < 0.2 else 0,
    )
    price = (SPOT if spot else ON_DEMAND, ON_DEMAND)
    plan = Plan(
        policy=policy,
        prices={"blue": price, "green": price},
        spot={"blue": spot, "green": spot},
        quiet=_quiet(scheduled),
    )
    return Setting(plan, spot, scheduled, dice.uniform(0.4, 1.6))


def usual() -> Setting:
    """Everything at its default, on demand, for a team of the usual size."""
    price = (ON_DEMAND, ON_DEMAND)
    plan = Plan(
        policy=Policy(),
        prices={"blue": price, "green": price},
        spot={"blue": False, "green": False},
        quiet=_quiet(False),
    )
    return Setting(plan, spot=False, scheduled=False, size=1.0)


def front_settings(plan: Plan) -> PowerSettings:
    """Of the front function; what it reads of them is the policy and the slots."""
    names = SlotNames("service", "group", {}, ON_DEMAND, ON_DEMAND)
    return PowerSettings(
        environment="simulated",
        namespace="",
        table="",
        cluster="",
        listener="",
        sleep_group="",
        slots=dict.fromkeys(plan.prices, names),
        policy=plan.policy,
        keys_secret="",
        service_key_secret="",
        keys_minutes=5,
        controller="",
        reach="",
        cors_origins=(),
        results_bucket="",
        results_url_minutes=0,
        most_lease_hours=12,
        quiet=(NIGHT,) if plan.quiet(QUIET_MOMENT) else (),
        zone=ZONE,
    )


def _quiet(scheduled: bool) -> Callable[[float], bool]:
    return partial(is_quiet, [NIGHT] if scheduled else [], ZONE)
