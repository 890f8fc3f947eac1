"""Controllers with a known fault are noticed by a promise that the fault breaks."""

from __future__ import annotations

import pytest

from bench import power_sim
from bench.power.checks import broken
from bench.power.mutants import MUTANTS
from bench.power.rates import HARSH
from bench.power.runs import many


@pytest.mark.parametrize("name", MUTANTS)
def test_a_wrong_controller_is_noticed(name: str) -> None:
    tally = many(30, seed=1, harsh=True, mutant=name)
    assert set(broken(tally, HARSH)) & set(MUTANTS[name].caught_by)
    assert any(told.startswith("run ") for told in tally.told)


def test_the_command_says_what_noticed_the_mutant(capsys: pytest.CaptureFixture[str]) -> None:
    assert power_sim.main(["--days", "10", "--harsh", "--mutant", "no-sweep"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("power_sim: in 10 days the mutant no-sweep is caught by: ")


def test_the_command_fails_when_nothing_notices(capsys: pytest.CaptureFixture[str]) -> None:
    # Two realistic days without an idle limit reached in the dark show nothing.
    assert power_sim.main(["--days", "2", "--mutant", "missing-means-idle"]) == 1
    assert "is NOT caught" in capsys.readouterr().out


def test_the_command_ends_with_what_was_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert power_sim.main(["--days", "3", "--seed", "5"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("power_sim: 3 days, ")
    assert last.endswith("with realistic rates, seed 5: all promises kept.")
