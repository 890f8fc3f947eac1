"""What the simulation must show: each check with its limit, what was seen, and whether it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench.power.rates import SLOWEST_START, Rates
from bench.power.tally import Tally

MEDIAN_OVERRUN = 2.0


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    promise: str
    seen: str
    holds: bool


def checks(tally: Tally, rates: Rates) -> list[Check]:
    """Every promise; `seen` is the worst or the number of times that it was broken."""
    late = rates.late_minutes
    counted = [
        ("killed", "requests cut by an idle, operator or schedule stop: 0"),
        ("premature", "idle stops with a request less than the idle limit ago: 0"),
        ("unexplained stop", "counts lowered without a recorded reason: 0"),
        ("bounded drain", "requests cut by cap, budget or dead servers before their deadline: 0"),
        ("two instances", f"beside a reclaimed one for more than {3 + late:g} min: 0"),
        ("left running", "instances that run after everybody has gone: 0"),
        ("two looks", "looks at the same time: 0"),
        (
            "failed start",
            f"a start that does not get warm is paid for {late:g} min past its deadline: 0",
        ),
        ("left on", f"more than {2 * late:g} min past the idle limit with all known: 0"),
    ]
    worst = [
        ("hard cap", f"on past it, at most {late:g} min", tally.past_cap),
        ("refusing", f"a warm slot refuses, at most {max(6, late):g} min", tally.refusing),
        (
            "served",
            f"a caller that comes back waits at most {SLOWEST_START / 60 + late:.1f} min",
            max(tally.waits, default=0.0),
        ),
    ]
    found = [
        Check(name, promise, str(tally.faults[name]), not tally.faults[name])
        for name, promise in counted
    ]
    found += [
        Check(name, promise, f"{value:.1f} min", not tally.faults[name])
        for name, promise, value in worst
    ]
    middle = median(tally.overruns) if tally.overruns else 0.0
    found.append(
        Check(
            "idle overrun",
            f"median past the idle limit at most {MEDIAN_OVERRUN:g} min",
            f"{middle:.1f} min",
            middle <= MEDIAN_OVERRUN,
        )
    )
    return found


def broken(tally: Tally, rates: Rates) -> list[str]:
    return [check.name for check in checks(tally, rates) if not check.holds]


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent do not exceed; 0 of none."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    return ordered[max(0, -int(-percent * len(ordered) // 100) - 1)]
