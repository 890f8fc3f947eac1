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


@pytest.mark.parametrize(
    "smaller",
    ["requirements.txt", "containers/voice/requirements-cpu.lock", "client/requirements.lock"],
)
def test_the_tests_environment_holds_each_set_at_its_versions(smaller: str) -> None:
    assert pins(smaller)
    assert pins(smaller) <= pins(LARGEST)


MODELS = "containers/voice/requirements-models-cpu"


def names(name: str) -> set[str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {line.strip().split("==")[0] for line in lines if line and not line.startswith("#")}


def test_the_true_models_run_in_tests_at_the_versions_of_the_image() -> None:
    assert pins(f"{MODELS}.lock")
    assert pins(f"{MODELS}.lock") <= pins("tests/models/requirements.lock")


def test_the_servers_are_the_same_around_either_models() -> None:
    small = names("containers/voice/requirements-cpu.in")
    servers = {pin for pin in pins("containers/voice/requirements-cpu.lock") if pin[0] in small}
    around = dict(pins(f"{MODELS}.lock"))
    shared = {(name, version) for name, version in servers if name in around}
    assert {"flask", "gunicorn", "supervisor", "pydantic", "numpy"} <= dict(shared).keys()
    assert shared <= pins(f"{MODELS}.lock")


def test_what_is_left_out_of_the_models_set_is_not_in_its_lock() -> None:
    assert "torch" in names(f"{MODELS}.excludes")
    assert not names(f"{MODELS}.excludes") & dict(pins(f"{MODELS}.lock")).keys()
    assert names(f"{MODELS}.overrides") <= dict(pins(f"{MODELS}.lock")).keys()


def test_the_cdk_cli_and_its_node_are_pinned_exactly() -> None:
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert set(wanted) == {"aws-cdk", "node"}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert wanted["node"].split(".")[0] in ("22", "24")
