"""Callers who keep to what they are told meet the GPU awake, whatever past starts took."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.power.clockwork import HOUR, MINUTE
from bench.power.journal import Silent
from bench.power.mutants import Mutant
from bench.power.plot import draw_week
from bench.power.rates import REALISTIC
from bench.power.settings import usual
from bench.power.world import FIRST_DAY, World
from power.memory import IDLE, LIVE, Memory, PastStart
from power.model import SlotRecord
from power.situation import slot_for

SLOW = PastStart("blue", 0.0, {"capacity asked": 0.0, "warm": 40 * MINUTE})


def test_a_caller_that_comes_back_as_told_is_served_though_past_starts_were_slow() -> None:
    served: list[float] = []
    calm = replace(REALISTIC, no_capacity=0, pull_fails=0, calls_at_stop=0)
    world = World(usual(), calm, Mutant(), "callers", Silent(), FIRST_DAY)
    world.invocations.tell({"source": "deployment"}, 1)
    world.site.table.put_start(SLOW)
    world.clock.wait(MINUTE)
    began = world.clock.now
    world.callers.call("tts", 10, lambda: served.append(world.clock.now))
    world.clock.wait(2 * HOUR)
    assert served
    assert served[0] - began < 20 * MINUTE
    assert world.tally.starts == 1


def test_the_slot_behind_the_header_is_known_before_it_ever_ran() -> None:
    memory = Memory(records={"blue": SlotRecord(live=True, main=True)})
    assert slot_for(LIVE, memory, ("blue", "green"))[0] == "blue"
    assert slot_for(IDLE, memory, ("blue", "green"))[0] == "green"


def test_before_the_first_look_nobody_knows_which_slot_is_meant() -> None:
    for target in (LIVE, IDLE):
        assert slot_for(target, Memory(), ("blue", "green")) == ("", SlotRecord())


def test_a_week_is_drawn(tmp_path: Path) -> None:
    said = draw_week(1, tmp_path / "week.png")
    assert said.startswith("drew ")
    picture = (tmp_path / "week.png").read_bytes()
    width = int.from_bytes(picture[16:20], "big")
    assert width == 1600
    with pytest.raises(OSError, match="week"):
        draw_week(1, tmp_path / "week.png" / "no folder")
