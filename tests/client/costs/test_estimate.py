"""The estimate is the one of docs/costs.md."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from gpuvoice.cli.main import cli
from gpuvoice.costs.estimate import estimate, hours_of, instance_of
from gpuvoice.costs.prices import G4DN, INSTANCES, REGIONS

PAGE = (Path(__file__).parents[3] / "docs/costs.md").read_text(encoding="utf-8")
ROWS = {
    cells[0].strip("* "): [cell.strip("* ") for cell in cells[1:]]
    for line in PAGE.splitlines()
    if len(cells := re.split(r"\s*\|\s*", line.strip("| "))) == 6
}


def cost(*arguments: str) -> str:
    done = CliRunner().invoke(cli, ["cost", *arguments])
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_without_options_it_says_what_the_document_says() -> None:
    told = json.loads(cost("--json"))["estimate"]
    in_cents = {name: f"{told[name]:.2f}" for name in told if name.endswith("_usd")}
    assert in_cents == {
        "together_usd": ROWS["Together"][1],
        "with_allowances_usd": ROWS["with free allowances"][1],
        "gpu_off_usd": ROWS["of it while the GPU is off"][1],
        "always_on_usd": ROWS["with free allowances"][3],
    }
    assert in_cents["with_allowances_usd"] == "79.17"
    for line in told["lines"]:
        assert [line["counted"], f"{line['usd']:.2f}"] == ROWS[line["part"]][:2]


@pytest.mark.parametrize(("column", "region"), [(1, "us-east-1"), (2, "eu-central-1")])
def test_spot_and_the_other_region_too(column: int, region: str) -> None:
    told = json.loads(cost("--json", "--spot", "--region", region))["estimate"]
    row = ROWS["with Spot and allowances"]
    assert f"{told['with_allowances_usd']:.2f}" == row[column]
    assert told["bought"] == "Spot"


def test_the_table_has_each_part_and_the_four_sums() -> None:
    shown = cost()
    for part in ("Load balancer", "Secrets", "GPU instance", "its disk"):
        assert part in shown
    for sum_ in ("85.92", "79.17", "30.72", "440.14"):
        assert sum_ in shown
    assert "g4dn.xlarge, on demand, 88 h of GPU, us-east-1" in shown


def test_a_gpu_that_is_off_costs_what_stands_and_no_more() -> None:
    told = json.loads(cost("--json", "--gpu-off"))["estimate"]
    assert told["gpu_hours"] == 0
    assert told["with_allowances_usd"] == told["gpu_off_usd"]
    assert "GPU instance" not in [line["part"] for line in told["lines"]]


def test_the_parts_add_up_in_every_region_and_for_every_type() -> None:
    for region in REGIONS:
        for instance in INSTANCES:
            found = estimate(region, instance, gpu_hours=200, spot=False)
            together = sum(line.usd for line in found.lines)
            assert together == pytest.approx(found.together_usd, abs=0.01)
            assert found.gpu_off_usd < found.with_allowances_usd < found.together_usd


def test_a_month_has_no_more_than_730_hours() -> None:
    assert hours_of(4, 22) == 88
    assert hours_of(24, 31) == 730
    told = json.loads(cost("--json", "--hours-per-day", "24", "--days", "31"))["estimate"]
    assert told["with_allowances_usd"] == told["always_on_usd"]


def test_a_type_without_a_price_is_refused() -> None:
    assert instance_of("g4dn.xlarge") is G4DN
    with pytest.raises(KeyError):
        instance_of("p5.48xlarge")
    assert CliRunner().invoke(cli, ["cost", "--instance", "p5.48xlarge"]).exit_code == 2
