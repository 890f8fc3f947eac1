"""The lock files agree: one environment can hold what several rooms need."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
LARGEST = "tests/requirements.lock"


def pins(name: str) -> set[tuple[str, str]]:
    return set(PINNED.findall((ROOT / name).read_text(encoding="utf-8")))


@pytest.mark.parametrize("smaller", ["requirements.txt", "containers/voice/requirements-cpu.lock"])
def test_the_tests_environment_holds_each_set_at_its_versions(smaller: str) -> None:
    assert pins(smaller)
    assert pins(smaller) <= pins(LARGEST)


def test_the_cdk_cli_and_its_node_are_pinned_exactly() -> None:
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert set(wanted) == {"aws-cdk", "node"}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert wanted["node"].split(".")[0] in ("22", "24")
