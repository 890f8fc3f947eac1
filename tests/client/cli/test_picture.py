"""docs/img/status-watch.svg is what `gpuvoice status --watch` shows in the middle of a start.

After a change that is meant: `UPDATE_PICTURES=yes` before the tests, and a look at the picture.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console

from gpuvoice.cli.chain import Chain
from gpuvoice.power import PowerStatus
from power.memory import InstanceHours, MonthHours, PastStart
from power.model import STAGES, Lease, SlotRecord
from power.policy import Policy
from tests.power.house import HOUR, NOW, House

PICTURE = Path(__file__).parents[3] / "docs/img/status-watch.svg"
# What the stages of earlier starts took, in seconds.
TOOK = ((0, 41, 28, 95, 9, 132, 14), (0, 47, 30, 104, 9, 140, 15), (0, 63, 33, 131, 10, 151, 19))
UNDER_WAY = (0, 44, 29)


def reached(begin: float, took: tuple[int, ...]) -> dict[str, float]:
    ends = [begin + sum(took[: number + 1]) for number in range(len(took))]
    return dict(zip(STAGES, ends, strict=False))


@pytest.fixture
def status(house: House) -> PowerStatus:
    """Told by the true front function: a start that pulls the image, of somebody with a lease."""
    house.open(policy=Policy(budget_usd=80))
    for number, took in enumerate(TOOK):
        begin = NOW - (number + 1) * 24 * HOUR
        house.store.put_start(PastStart("blue", begin, reached(begin, took)))
    begin = NOW - 135
    record = SlotRecord(
        phase="starting", since=begin, live=True, main=True, started_at=begin, asked_at=begin,
        stages=reached(begin, UNDER_WAY),
    )  # fmt: skip
    house.store.put_record("blue", record)
    hours = {"i-1": InstanceHours(NOW - 50 * HOUR, NOW - 24.5 * HOUR, 0.526)}
    house.store.put_hours(MonthHours("2026-11", hours))
    house.store.put_lease(Lease("5f1c02d9", "alice", "demo", begin, begin + 2 * HOUR))
    return PowerStatus.read(house.call("/power/status", method="GET").body)


def drawn(status: PowerStatus) -> str:
    """An SVG that loads nothing, also no font."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=92, file=nowhere, force_terminal=True)
        now = datetime.fromtimestamp(NOW, UTC)
        console.print(Chain(status, now=lambda: now))
    form = re.sub(r"@font-face \{\{.*?\}\}\n\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    picture = console.export_svg(
        title="gpuvoice status --watch", code_format=form, unique_id="status"
    )
    return "\n".join(line.rstrip() for line in picture.splitlines()) + "\n"


def test_the_picture_is_what_it_shows_and_loads_nothing(status: PowerStatus) -> None:
    picture = drawn(status)
    assert "url(" not in picture.replace("url(#", "")
    assert re.findall(r"https?://[^\s\"<]+", picture) == [
        "http://www.w3.org/2000/svg", "https://www.textualize.io"]  # fmt: skip
    if os.environ.get("UPDATE_PICTURES") == "yes":
        PICTURE.write_text(picture, encoding="utf-8")
    assert PICTURE.read_text(encoding="utf-8") == picture, "see the head of this file"
