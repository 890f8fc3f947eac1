"""The page's tables are those of the kept results."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bench.pages import ROOT, split
from bench.power.mutants import MUTANTS
from bench.power_sim import DOCUMENT, KEPT, MODULE, document_tables


@pytest.fixture(scope="module")
def kept() -> Any:
    return json.loads((ROOT / KEPT).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def page() -> str:
    return (ROOT / DOCUMENT).read_text(encoding="utf-8")


def test_the_page_shows_the_kept_results(kept: Any, page: str) -> None:
    assert split(page, MODULE)[1] == document_tables(kept)


def test_the_kept_results_are_of_ten_thousand_days_without_a_broken_promise(kept: Any) -> None:
    assert kept["days"] >= 10_000
    assert kept["rates"] == "realistic"
    assert all(holds for *_, holds in kept["checks"])
    assert kept["spreads"]["past the idle limit"][1] <= 2
    assert not set(kept["killed"]) & {"idle", "operator", "schedule", "unknown"}


def test_the_page_names_each_mutant_and_what_catches_it(page: str) -> None:
    for name, mutant in MUTANTS.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}`"))
        assert row.rstrip(" |").endswith(", ".join(mutant.caught_by))


def test_the_picture_of_the_page_exists(page: str) -> None:
    assert "](img/power-week.png)" in page
    assert (ROOT / "docs/img/power-week.png").read_bytes().startswith(b"\x89PNG")
