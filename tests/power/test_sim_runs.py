"""The controller keeps its promises in a world in which much goes wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.power import runs
from bench.power.checks import broken, percentile
from bench.power.rates import HARSH, REALISTIC
from bench.power.runs import many, one
from power import replay
from power.journal import LogJournal


def test_no_promise_is_broken_in_harsh_weeks() -> None:
    tally = many(60, seed=11, harsh=True)
    assert broken(tally, HARSH) == [], tally.told
    # And it was no walk: all of this happened.
    assert tally.requests > 1200
    assert tally.crashes > 500
    assert {"idle", "operator", "failed", "cap", "by hand"} <= set(tally.stops)
    assert {"deploys", "metrics dark", "servers cut off", "Spot notices"} <= set(tally.happened)
    assert tally.killed["crash"]


def test_no_promise_is_broken_in_ordinary_weeks() -> None:
    tally = many(50, seed=12, harsh=False)
    assert broken(tally, REALISTIC) == [], tally.told
    assert tally.days == 50
    assert 0 < tally.hours < 50 * 12


def test_a_seed_gives_the_same_days_again_and_another_gives_others() -> None:
    first, again, other = (one(3, days=4, seed=seed, harsh=True) for seed in (1, 1, 2))
    assert first.plain() == again.plain()
    assert first.plain() != other.plain()


def test_the_log_of_simulated_days_is_decided_again_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "controller.log"
    with log.open("w", encoding="utf-8") as out:
        one(5, days=2, seed=3, harsh=True, journal=LogJournal("Simulated", out))
    assert replay.main([str(log)]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert int(last.split()[1]) > 500
    assert last.endswith("decisions, 0 of them otherwise than in the log.")


def test_days_are_added_up_over_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "HARSH_DAYS_EACH", 3)
    both = many(6, seed=4, harsh=True)
    alone = [one(number, days=3, seed=4, harsh=True) for number in range(2)]
    assert both.requests == sum(tally.requests for tally in alone)
    assert both.refusing == max(tally.refusing for tally in alone)
    assert len(both.overruns) == sum(len(tally.overruns) for tally in alone)


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([], 95, 0.0), ([7.0], 95, 7.0), (list(range(1, 101)), 95, 95), (list(range(1, 101)), 50, 50)],
)
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(
    values: list[float], percent: float, expected: float
) -> None:
    assert percentile(values, percent) == expected
