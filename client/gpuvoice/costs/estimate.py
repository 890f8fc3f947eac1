"""What a month costs, part by part, before anybody has seen a bill."""

from __future__ import annotations

from dataclasses import dataclass

from gpuvoice.costs.parts import STANDING, Disk, bill, cost, net
from gpuvoice.costs.prices import HOURS_A_MONTH, INSTANCES, Instance, Region


@dataclass(frozen=True)
class Line:
    """One part: what it is, how many units of it a month, US dollars."""

    part: str
    counted: str
    usd: float


@dataclass(frozen=True)
class Estimate:
    """US dollars a month. `with_allowances_usd` is what is left to pay where the account has all of
    AWS's free allowances; so are `gpu_off_usd`, the share that is there with the GPU off, and
    `always_on_usd`, the same stack with a GPU that never stops."""

    region: Region
    instance: str
    bought: str
    gpu_hours: float
    lines: tuple[Line, ...]
    together_usd: float
    with_allowances_usd: float
    gpu_off_usd: float
    always_on_usd: float


def estimate(region: Region, instance: Instance, *, gpu_hours: float, spot: bool) -> Estimate:
    """For a stack with default settings. `gpu_hours` counts from the instance's start."""
    parts = bill(Disk(), instance, spot=spot)
    lines = (Line(p.name, p.counted, _cents(p.cost(region, gpu_hours))) for p in parts)
    return Estimate(
        region,
        instance.name,
        "Spot" if spot else "on demand",
        gpu_hours,
        tuple(line for line in lines if line.usd),
        _cents(cost(parts, region, gpu_hours)),
        _cents(net(parts, region, gpu_hours)),
        _cents(net(STANDING, region, gpu_hours)),
        _cents(net(parts, region, HOURS_A_MONTH)),
    )


def hours_of(hours_per_day: float, days: float) -> float:
    """GPU hours a month; an average month has no more than 730."""
    return min(hours_per_day * days, HOURS_A_MONTH)


def instance_of(name: str) -> Instance:
    """Raises KeyError for a type whose price is not known."""
    return {each.name: each for each in INSTANCES}[name]


def _cents(usd: float) -> float:
    """To a hundredth of a cent: small parts count, noise does not."""
    return round(usd, 4)
