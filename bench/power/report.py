"""Results of a simulation, as a document that is kept and as tables for people."""

from __future__ import annotations

from typing import Any

from bench.pages import table
from bench.power.checks import checks, percentile
from bench.power.rates import HARSH, REALISTIC
from bench.power.settings import ON_DEMAND
from bench.power.tally import Tally
from gpuvoice.costs.prices import HOURS_A_MONTH

ALWAYS_ON = HOURS_A_MONTH * ON_DEMAND
DAYS_A_MONTH = HOURS_A_MONTH / 24
Results = dict[str, Any]


def results(tally: Tally, *, seed: int, harsh: bool) -> Results:
    """Plain numbers and words; spreads are (count, median, 95th percentile, longest) in minutes."""
    rates = HARSH if harsh else REALISTIC
    return {
        "days": tally.days,
        "seed": seed,
        "rates": "harsh" if harsh else "realistic",
        "requests": tally.requests,
        "refused": tally.refused,
        "starts": tally.starts,
        "looks": tally.looks,
        "crashes": tally.crashes,
        "hours": round(tally.hours, 1),
        "hours a month": round(tally.hours / tally.days * DAYS_A_MONTH, 1),
        "usd a month": round(tally.hours / tally.days * DAYS_A_MONTH * ON_DEMAND, 2),
        "usd a month always on": round(ALWAYS_ON, 2),
        "stops": dict(tally.stops.most_common()),
        "killed": dict(tally.killed.most_common()),
        "happened": dict(tally.happened.most_common()),
        "spreads": {
            "past the idle limit": _spread(tally.overruns),
            "the same, metrics or servers out of sight": _spread(tally.other_overruns),
            "callers' waits": _spread(tally.waits),
            "the same, the start or stop was disturbed": _spread(tally.other_waits),
        },
        "checks": [[c.name, c.promise, c.seen, c.holds] for c in checks(tally, rates)],
        "told": tally.told,
    }


def tables(found: Results) -> str:
    """Markdown, of the kept document alone."""
    rows = [
        ["days", f"{found['days']:,}"],
        ["requests served", f"{found['requests']:,}"],
        ["answers that it sleeps or starts", f"{found['refused']:,}"],
        ["starts", f"{found['starts']:,}"],
        ["stops", _listed(found["stops"])],
        ["requests cut, by what", _listed(found["killed"])],
        [
            "looks of the controller, crashed invocations",
            f"{found['looks']:,}, {found['crashes']:,}",
        ],
        ["what else happened", _listed(found["happened"])],
        ["GPU hours a month", f"{found['hours a month']:g}"],
        [
            "dollars a month, all on demand; always on",
            f"{found['usd a month']:.2f}; {found['usd a month always on']:.2f}",
        ],
    ]
    spreads = [
        [name, f"{count:,}", *(f"{value:.1f}" for value in values)]
        for name, (count, *values) in found["spreads"].items()
    ]
    promises = [
        [name, promise, seen, "holds" if holds else "**broken**"]
        for name, promise, seen, holds in found["checks"]
    ]
    return "\n\n".join(
        (
            table(["what", f"seed {found['seed']}, {found['rates']} rates"], rows),
            table(["minutes", "how many", "median", "95th percentile", "longest"], spreads),
            table(["check", "promise", "seen", ""], promises),
        )
    )


def sentence(found: Results) -> str:
    """The last line: what was done, and whether it holds."""
    failed = [name for name, _, _, holds in found["checks"] if not holds]
    told = f"power_sim: {found['days']:,} days, {found['requests']:,} requests, "
    told += f"{found['starts']:,} starts with {found['rates']} rates, seed {found['seed']}: "
    return told + (f"broken: {', '.join(failed)}." if failed else "all promises kept.")


def _spread(values: list[float]) -> list[float]:
    spread = [percentile(values, 50), percentile(values, 95), max(values, default=0.0)]
    return [len(values), *(round(value, 2) for value in spread)]


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items()) or "none"
