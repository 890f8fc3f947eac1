"""`python -m bench.costs`: the tables of docs/costs.md; `--write` puts them there."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

from bench.pages import run, table
from bench.stack_parts import BY_SETTING
from config.capacity import CapacitySettings
from gpuvoice.costs.parts import STANDING, bill, cost, net
from gpuvoice.costs.prices import (
    HOURS_A_MONTH,
    INSTANCES,
    REGIONS,
    SOURCES,
    Instance,
    Region,
    all_prices,
    dollars,
)

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


def parts_table(instance: Instance) -> str:
    """Every part, on demand, with the sum; then the same sum with Spot."""
    settings = CapacitySettings()
    parts, with_spot = (bill(settings, instance, spot=spot) for spot in (False, True))
    rows = [[part.name, part.counted, *cells(partial(cost, [part]))] for part in parts]
    rows += [
        ["**Together**", f"{instance.name}, on demand", *cells(partial(cost, parts), bold=True)],
        [
            "**with free allowances**",
            "where your account has them",
            *cells(partial(net, parts), bold=True),
        ],
        ["of it while the GPU is off", "with free allowances", *cells(partial(net, STANDING))],
        ["**with Spot and allowances**", "", *cells(partial(net, with_spot), bold=True)],
    ]
    return table(["part", "how many a month", *HEAD], rows)


def instance_table() -> str:
    """The sum, with free allowances, for each instance type and way to buy it."""
    rows = []
    for instance in INSTANCES:
        for spot in (False, True):
            parts = bill(CapacitySettings(), instance, spot=spot)
            rows.append(
                [instance.name, "Spot" if spot else "on demand", *cells(partial(net, parts))]
            )
    return table(["type", "bought", *HEAD], rows)


def setting_table() -> str:
    return table(
        ["setting", *HEAD],
        [[name, *cells(partial(cost, parts))] for name, parts in BY_SETTING.items()],
    )


def price_table() -> str:
    """Every unit price with its sources, as Markdown."""
    rows = [
        [each.what, each.unit, *(dollars(each.of(region)) for region in REGIONS),
         ", ".join(each.sources)]
        for each in all_prices()
    ]  # fmt: skip
    letters = "\n".join(f"- {letter}: {text}." for letter, text in SOURCES.items())
    return (
        f"{table(['what', 'unit', *REGIONS, 'source'], rows)}\n\n"
        f"The first letter is the source for us-east-1, the second for eu-central-1.\n\n{letters}"
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
