"""Many runs: the days divided into worlds of their own, side by side."""

from __future__ import annotations

import multiprocessing
from datetime import timedelta
from functools import partial
from random import Random

from bench.power.journal import Silent
from bench.power.mutants import MUTANTS, Mutant
from bench.power.rates import HARSH, REALISTIC
from bench.power.settings import drawn
from bench.power.tally import Tally
from bench.power.world import FIRST_DAY, World
from power.look import Journal

DAYS_EACH = 50
HARSH_DAYS_EACH = 10


def one(
    number: int,
    *,
    days: int,
    seed: int,
    harsh: bool,
    mutant: str | None = None,
    journal: Journal | None = None,
) -> Tally:
    """Run number so many of a seed; the same arguments give the same tally."""
    name = f"{seed} {number}"
    world = World(
        drawn(Random(f"{name} setting")),
        HARSH if harsh else REALISTIC,
        MUTANTS[mutant]() if mutant else Mutant(),
        name,
        journal or Silent(),
        FIRST_DAY + timedelta(days=number * days),
    )
    tally = world.run(days)
    tally.told = [f"run {number}, {told}" for told in tally.told]
    return tally


def many(days: int, *, seed: int, harsh: bool, mutant: str | None = None, jobs: int = 1) -> Tally:
    """At least so many days."""
    each = min(days, HARSH_DAYS_EACH if harsh else DAYS_EACH)
    numbers = range(-(-days // each))
    run = partial(one, days=each, seed=seed, harsh=harsh, mutant=mutant)
    together = Tally()
    if jobs == 1:
        for number in numbers:
            together.add(run(number))
        return together
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        for tally in pool.imap(run, numbers):
            together.add(tally)
    return together
