"""The figures in the documents are the scripts', and the scripts' are the stack's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bench import cold_start, costs, gpu_memory
from bench.pages import split, with_tables
from bench.stack_parts import BY_SETTING, ENDPOINTS
from bench.start_budget import MACHINES, MODES, Machine, Mode, pull, refill, total
from config.capacity import CapacitySettings
from config.servers import ServersSettings
from gpuvoice.costs import prices
from gpuvoice.costs.parts import ALARM_METRICS, COMPOSITE_ALARMS, STANDING, bill, cost, net
from stacks.parts.vpc import INTERFACES
from stacks.parts.warm_pool import PULL_SECONDS
from tests.infrastructure.operations_stack import operations_template
from tests.infrastructure.stacks_under_test import Stacks

ROOT = Path(__file__).parents[2]
DEFAULTS = CapacitySettings()


@pytest.mark.parametrize(
    ("module", "document", "tables"),
    [
        (cold_start.MODULE, cold_start.DOCUMENT, cold_start.tables()),
        (costs.MODULE, costs.DOCUMENT, costs.tables()),
        (gpu_memory.MODULE, gpu_memory.DOCUMENT, gpu_memory.tables()),
    ],
)
def test_the_tables_in_a_document_are_what_its_script_prints(
    module: str, document: str, tables: str
) -> None:
    page = (ROOT / document).read_text(encoding="utf-8")
    assert split(page, module)[1] == tables, f"run: python -m {module} --write"


def test_writing_the_tables_leaves_the_rest_of_the_page_alone() -> None:
    page = "Before.\n<!-- computed: python -m m --write -->\n\nold\n\n" + "\n".join(
        ["<!-- end of computed tables -->", "After."]
    )
    once = with_tables(page, "m", "new")
    assert once == page.replace("old", "new")
    assert with_tables(once, "m", "new") == once


def test_a_page_without_markers_is_refused_with_the_lines_to_add() -> None:
    with pytest.raises(ValueError, match="The page needs the lines"):
        with_tables("Nothing here.", "m", "new")


def test_every_price_has_a_source_for_each_region() -> None:
    found = list(prices.all_prices())
    assert len(found) > 25
    for price in found:
        assert set(price.sources) <= set(prices.SOURCES), price.what
        assert price.us_east_1 > 0, price.what
        assert price.us_east_1 <= price.eu_central_1, price.what


def test_the_bill_holds_every_part_and_adds_up() -> None:
    # By hand, us-east-1, 88 hours on demand: door, traffic, addresses; secrets, images, zone;
    # dashboard, alarms, composites; S3, logs kept, data out.
    standing = 16.425 + 0.24 + 7.30 + 0.80 + 1.20 + 0.50 + 3.00 + 4.10 + 1.00 + 0.046 + 0.03 + 0.90
    # 43,800 looks: 32,850 GB-s, calls; 131,400 items written, 219,000 read; 131 MB of logs.
    looks = 3.285 * 0.1333 + 0.0438 * 0.20
    standing += looks + 0.1314 * 0.625 + 0.219 * 0.125 + 0.1314 * 0.50
    # GPU, disk, its throughput, address, metrics, logs, reading secrets and metrics.
    share = 88 / 730
    running = 88 * 0.526 + share * (6.40 + 5.00) + 0.44 + share * 10.50 + 0.044 + 0.03168
    running += 88 * 0.36 * 0.01
    parts = bill(DEFAULTS, prices.G4DN, spot=False)
    assert cost(parts, "us-east-1", 88) == pytest.approx(standing + running, abs=0.001)
    free = share * 10.50 + 1.00 + 3.00 + 0.03 + 0.90 + 0.044 + looks + 0.1314 * 0.50
    left = net(parts, "us-east-1", 88)
    assert left == pytest.approx(standing + running - free, abs=0.001)


def test_a_gpu_that_is_off_is_billed_for_nothing_but_the_standing_parts() -> None:
    parts = bill(DEFAULTS, prices.G4DN, spot=False)
    assert cost(parts, "us-east-1", 0) == cost(STANDING, "us-east-1", 0)


def test_nat_and_endpoints_cost_more_than_all_that_stands_by_default() -> None:
    """What docs/adr/0008 decides by."""
    standing = net(STANDING, "us-east-1", 88)
    nat, endpoints = (
        next(parts for name, parts in BY_SETTING.items() if f"egress: {egress}" in name)
        for egress in ("nat", "endpoints")
    )
    assert cost(nat, "us-east-1", 88) > standing
    assert cost(endpoints, "us-east-1", 88) > 3 * standing


def test_the_bill_counts_the_alarms_that_the_stacks_make(dev: Stacks) -> None:
    template = operations_template()
    alarms = [
        *template.find_resources("AWS::CloudWatch::Alarm").values(),
        *dev.of("AWS::CloudWatch::Alarm", stack="power").values(),
    ]
    assert sum(_metrics(alarm["Properties"]) for alarm in alarms) == ALARM_METRICS
    template.resource_count_is("AWS::CloudWatch::CompositeAlarm", COMPOSITE_ALARMS)


def _metrics(alarm: Mapping[str, Any]) -> int:
    return sum("MetricStat" in entry for entry in alarm.get("Metrics", [])) or 1


def test_the_bill_counts_the_endpoints_that_the_stack_makes() -> None:
    assert len(INTERFACES) == ENDPOINTS


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
@pytest.mark.parametrize("mode", MODES)
def test_the_slowest_start_in_the_table_fits_the_deadline_of_the_settings(
    machine: Machine, mode: Mode
) -> None:
    assert total(machine, DEFAULTS, mode).slow < ServersSettings().start_minutes * 60


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_a_warm_pool_saves_the_pull_and_costs_more_than_it_saves(machine: Machine) -> None:
    cold, warm = total(machine, DEFAULTS, "cold"), total(machine, DEFAULTS, "warm pool")
    pulled = pull(machine, DEFAULTS)
    assert cold.fast - warm.fast >= pulled.fast
    assert cold.slow - warm.slow >= pulled.slow
    each = [cold_start.a_start(machine, DEFAULTS, mode, "us-east-1") for mode in MODES[:2]]
    assert each[0] < each[1]


def test_a_slower_disk_makes_the_pull_longer() -> None:
    slow = DEFAULTS.model_copy(update={"volume_mib_per_second": 125})
    for machine in MACHINES:
        assert pull(machine, slow).fast > pull(machine, DEFAULTS).fast, machine.name


def test_the_dashboard_multiplies_by_the_same_price() -> None:
    assert prices.G4DN.on_demand.of("us-east-1") == DEFAULTS.price_per_hour


def test_spot_is_cheaper_than_on_demand_everywhere() -> None:
    for instance in prices.INSTANCES:
        for region in prices.REGIONS:
            assert instance.spot.of(region) < instance.on_demand.of(region) * 0.6


def test_filling_the_pool_takes_less_time_than_its_hook_allows() -> None:
    assert max(refill(machine, DEFAULTS).slow for machine in MACHINES) < PULL_SECONDS


def test_dollars_keep_the_digits_that_matter() -> None:
    assert [prices.dollars(value) for value in (16.4, 0.0225, 3, 1.006)] == [
        "$16.40", "$0.0225", "$3.00", "$1.006",
    ]  # fmt: skip
