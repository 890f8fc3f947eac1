"""`python -m bench.costs`: the tables of docs/costs.md; `--write` puts them there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from bench.pages import run, table
from bench.prices import HOURS_A_MONTH, INSTANCES, REGIONS, Instance, Region, price_table
from bench.stack_parts import BY_SETTING, STANDING, Part, bill
from config.capacity import CapacitySettings

MODULE = "bench.costs"
DOCUMENT = "docs/costs.md"
WORK_HOURS = 88
COLUMNS: tuple[tuple[Region, float], ...] = tuple(
    (region, hours) for hours in (WORK_HOURS, HOURS_A_MONTH) for region in REGIONS
)
HEAD = [f"{region}, {hours:g} h" for region, hours in COLUMNS]

Count = Callable[[Region, float], float]


def cells(count: Count, *, bold: bool = False) -> list[str]:
    mark = "**" if bold else ""
    return [f"{mark}{count(region, hours):.2f}{mark}" for region, hours in COLUMNS]


def cost(parts: Sequence[Part]) -> Count:
    return lambda region, hours: sum(part.cost(region, hours) for part in parts)


def allowances(parts: Sequence[Part]) -> Count:
    return lambda region, hours: sum(part.allowance(region, hours) for part in parts)


def net(parts: Sequence[Part]) -> Count:
    return lambda region, hours: cost(parts)(region, hours) - allowances(parts)(region, hours)


def parts_table(instance: Instance) -> str:
    """Every part, on demand, with the sum; then the same sum with Spot."""
    settings = CapacitySettings()
    parts, with_spot = (bill(settings, instance, spot=spot) for spot in (False, True))
    rows = [[part.name, part.counted, *cells(cost([part]))] for part in parts]
    rows += [
        ["**Together**", f"{instance.name}, on demand", *cells(cost(parts), bold=True)],
        ["**with free allowances**", "where your account has them", *cells(net(parts), bold=True)],
        ["of it while the GPU is off", "with free allowances", *cells(net(STANDING))],
        ["**with Spot and allowances**", "", *cells(net(with_spot), bold=True)],
    ]
    return table(["part", "how many a month", *HEAD], rows)


def instance_table() -> str:
    """The sum, with free allowances, for each instance type and way to buy it."""
    rows = []
    for instance in INSTANCES:
        for spot in (False, True):
            parts = bill(CapacitySettings(), instance, spot=spot)
            rows.append([instance.name, "Spot" if spot else "on demand", *cells(net(parts))])
    return table(["type", "bought", *HEAD], rows)


def setting_table() -> str:
    return table(
        ["setting", *HEAD], [[name, *cells(cost(parts))] for name, parts in BY_SETTING.items()]
    )


def tables() -> str:
    return "\n\n".join(
        (
            "### Every part, in dollars a month",
            parts_table(INSTANCES[0]),
            "EventBridge, the queue, SNS messages, AWS's own encryption keys, the S3 "
            "gateway endpoint, certificates and Auto Scaling cost nothing or less than a cent.",
            "### The sum for each instance type, with free allowances",
            instance_table(),
            "### What a setting adds",
            setting_table(),
            "### Unit prices",
            price_table(),
        )
    )


if __name__ == "__main__":
    sys.exit(run(MODULE, DOCUMENT, tables()))
