"""How long starts take: each stage's median and 90th percentile, and what is left of this one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median, quantiles

from power.memory import PastStart
from power.model import STAGES

# No caller is told to come back sooner.
LEAST_SECONDS = 5.0
# Before a start was seen, the slowest tenth is taken to be so much slower than what is usual.
SLOW = 1.5


@dataclass(frozen=True, slots=True)
class Left:
    """Seconds until warm: as half, and as nine of ten past starts went."""

    usual: float
    likely: float


def percentile_90(values: Sequence[float]) -> float:
    """Between the two nearest values, inclusive; the one value of a single one."""
    return quantiles(values, n=10, method="inclusive")[8] if len(values) > 1 else values[0]


def stage_seconds(starts: Sequence[PastStart]) -> dict[str, tuple[float, float]]:
    """(median, 90th percentile) of the time from the stage before to this one."""
    found = {}
    for before, stage in pairwise(STAGES):
        took = [
            max(0.0, start.stages[stage] - start.stages[before])
            for start in starts
            if stage in start.stages and before in start.stages
        ]
        if took:
            found[stage] = (median(took), percentile_90(took))
    return found


def usual_seconds(starts: Sequence[PastStart], preset: float) -> float:
    """Median of whole starts; the preset before the first."""
    whole = [start.stages["warm"] - start.asked_at for start in starts if "warm" in start.stages]
    return median(whole) if whole else preset


def left(
    starts: Sequence[PastStart], reached: Mapping[str, float], preset: float, now: float
) -> Left:
    """What is left of a start that has reached these stages; all of it when it has none.

    Counted from the last stage that was reached, as past starts went on from there. Both figures
    are 5 s at least: a start that is later than all others may be ready any moment.
    """
    last = next((stage for stage in reversed(STAGES) if stage in reached), STAGES[0])
    since = now - reached[last] if last in reached else 0.0
    rest = [
        start.stages["warm"] - start.stages[last]
        for start in starts
        if "warm" in start.stages and last in start.stages
    ]
    if not rest:
        begun = now - reached[STAGES[0]] if STAGES[0] in reached else 0.0
        return Left(max(LEAST_SECONDS, preset - begun), max(LEAST_SECONDS, SLOW * preset - begun))
    return Left(
        max(LEAST_SECONDS, median(rest) - since), max(LEAST_SECONDS, percentile_90(rest) - since)
    )
