"""What the servers tell of themselves: versions, slots, cards, time."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import Any

import pytest

from gpuvoice.doctor.asking import Answer
from gpuvoice.doctor.clock import check_clock
from gpuvoice.doctor.precision import check_precision, formats
from gpuvoice.doctor.servers import Name, Seen
from gpuvoice.doctor.versions import check_versions
from gpuvoice.version import __version__
from tests.client.doctor.findings import by_check, statuses

URL = "https://gpu.example.com"
TOLD = {
    "status": "ok", "version": __version__, "slot": "blue", "release": "v1", "family": "cuda",
    "device": "cuda", "model": "a-model", "gpu_name": "Tesla T4",
}  # fmt: skip


def both(
    speech: dict[str, Any] | None = None, recognition: dict[str, Any] | None = None, **headers: str
) -> tuple[Seen, Seen]:
    """Servers that tell this instead."""

    def seen(name: Name, changes: dict[str, Any] | None) -> Seen:
        health = Answer(URL, 200, {**TOLD, **(changes or {})}, headers, time.time())
        return Seen(name, URL, health, health)

    return seen("speech", speech), seen("recognition", recognition)


def test_equal_versions_slots_and_releases_are_fine() -> None:
    assert set(statuses(check_versions(both())).values()) == {"ok"}


@pytest.mark.parametrize(
    ("speech", "recognition", "mend"),
    [
        ({"version": "7.0.0"}, {"version": "7.0.0"}, "client of the servers' version"),
        ({"version": "0.2.0"}, {"version": "0.2.0"}, "client of the servers' version"),
        ({"version": "0.1.9"}, {}, "from one image"),
        ({"version": None}, {}, "does not tell its version"),
    ],
)
def test_versions_that_do_not_fit_are_a_warning(
    speech: dict[str, Any], recognition: dict[str, Any], mend: str
) -> None:
    found = by_check(check_versions(both(speech, recognition)))["versions"]
    assert found.status == "warn"
    assert mend in found.mend


def test_a_patch_more_is_no_other_version() -> None:
    patched = {"version": f"{__version__}9"}
    assert statuses(check_versions(both(patched, patched)))["versions"] == "ok"


@pytest.mark.parametrize("changes", [{"slot": "green"}, {"release": "v2"}, {"release": None}])
def test_servers_of_two_slots_or_releases_are_a_warning(changes: dict[str, Any]) -> None:
    found = by_check(check_versions(both(changes)))["slot and release"]
    assert found.status == "warn"
    assert "recognition server: slot blue, release v1" in found.found


@pytest.mark.parametrize(
    ("card", "speech"),
    [
        ("Tesla T4", "float16, its code predictor float32"),
        ("Tesla V100-SXM2-16GB", "float16, its code predictor float32"),
        ("NVIDIA A10G", "bfloat16, its wave decoder float32"),
        ("NVIDIA L4", "bfloat16, its wave decoder float32"),
        ("NVIDIA L40S", "bfloat16, its wave decoder float32"),
        ("NVIDIA H100 80GB HBM3", "bfloat16, its wave decoder float32"),
    ],
)
def test_the_formats_follow_from_the_card(card: str, speech: str) -> None:
    told = by_check(check_precision(both({"gpu_name": card}, {"gpu_name": card})))
    assert told["precision, speech server"].found == f"a-model on {card}: {speech}"
    assert told["precision, recognition server"].found == f"a-model on {card}: float16"
    assert formats("recognition", "") == "int8"


@pytest.mark.parametrize(
    ("changes", "status", "found"),
    [
        ({"gpu_name": None, "device": "cpu"}, "warn", "on cpu: float32"),
        ({"gpu_name": None, "device": "cpu", "family": "cpu"}, "warn", "small models"),
        ({"gpu_name": None, "device": "cpu", "family": "clock"}, "warn", "a tone"),
        ({"gpu_name": None, "family": "adopted"}, "ok", "of your own"),
    ],
)
def test_a_deployment_without_its_gpu_is_a_warning(
    changes: dict[str, Any], status: str, found: str
) -> None:
    told = by_check(check_precision(both(changes)))["precision, speech server"]
    assert told.status == status
    assert found in told.found


def test_two_cards_are_two_deployments() -> None:
    told = by_check(check_precision(both({"gpu_name": "NVIDIA L4"})))
    assert told["card"].status == "warn"
    assert "card" not in by_check(check_precision(both()))


@pytest.mark.parametrize(
    ("behind", "status", "found"),
    [(0, "ok", "agrees"), (55, "ok", "agrees"), (90, "warn", "ahead of"),
     (-3600, "warn", "behind")],
)  # fmt: skip
def test_a_clock_that_is_off_by_more_than_a_minute_is_a_warning(
    behind: int, status: str, found: str
) -> None:
    speech, recognition = both(date=formatdate(time.time() - behind, usegmt=True))
    told = check_clock((speech, recognition))
    assert told.status == status
    assert found in told.found


def test_without_a_date_there_is_nothing_to_compare() -> None:
    assert check_clock(both()).status == "skipped"
    assert check_clock(both(date="yesterday")).status == "skipped"
