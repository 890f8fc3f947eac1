"""One simulated week as a picture: requests, states, decisions, cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.patches import Patch

from bench.power.clockwork import DAY, HOUR, ZONE
from bench.power.mutants import Mutant
from bench.power.rates import REALISTIC
from bench.power.report import ALWAYS_ON
from bench.power.settings import ON_DEMAND, usual
from bench.power.trace import Trace
from bench.power.world import FIRST_DAY, World

DAYS = 7
COLOURS = {
    "off": "#e4e4e7", "starting": "#f2b134", "on": "#2f9e6e", "closing": "#d9822b",
    "leaving": "#b23a48",
}  # fmt: skip
SERVER_COLOURS = {"tts": "#2b6cb0", "whisperx": "#9b4f96"}
SLOT_COLOURS = {"blue": "#2b6cb0", "green": "#2f9e6e"}


def week(seed: int) -> Trace:
    """The usual team at the default settings."""
    trace = Trace()
    world = World(usual(), REALISTIC, Mutant(), f"{seed} week", trace, FIRST_DAY)
    begin = world.clock.now + HOUR
    world.clock.at(begin, lambda: trace.sample(world, ON_DEMAND, begin + DAYS * DAY))
    world.run(DAYS)
    trace.decisions = [each for each in trace.decisions if each[0] <= begin + DAYS * DAY]
    return trace


def draw_week(seed: int, file: Path) -> str:
    """Writes the picture; a sentence that says what is in it."""
    trace = week(seed)
    times = [datetime.fromtimestamp(at, ZONE) for at in trace.times]
    figure, (calls, states, decisions, cost) = plt.subplots(
        4, 1, figsize=(16, 10), dpi=100, sharex=True, height_ratios=[3, 1.4, 2, 2.2]
    )
    _calls(calls, times, trace)
    _states(states, times, trace)
    _decisions(decisions, trace)
    _cost(cost, times, trace)
    days = [times[0] + timedelta(days=day) for day in range(DAYS + 1)]
    cost.set_xticks(days, [f"{day:%a %d %b}" for day in days])
    cost.set_xlim(times[0], times[0] + timedelta(days=DAYS))
    cost.set_xlabel("day, Berlin time")
    figure.suptitle(f"One simulated week of the power controller (seed {seed})", fontsize=16)
    figure.tight_layout()
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, metadata={"Software": None})
    plt.close(figure)
    return f"drew {len(trace.decisions)} decisions of {DAYS} days into {file}."


def _calls(axes: Any, times: Sequence[datetime], trace: Trace) -> None:
    for server, counts in trace.requests.items():
        axes.fill_between(
            times, counts, step="post", alpha=0.75, label=server, color=SERVER_COLOURS[server],
            linewidth=0.8, edgecolor=SERVER_COLOURS[server],
        )  # fmt: skip
    axes.set_ylabel("requests under way")
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper right")
    axes.grid(axis="x", alpha=0.3)


def _states(axes: Any, times: Sequence[datetime], trace: Trace) -> None:
    for row, phases in enumerate(trace.phases.values()):
        begin = 0
        for index in range(1, len(phases) + 1):
            if index == len(phases) or phases[index] != phases[begin]:
                last = times[min(index, len(times) - 1)]
                span = (times[begin], last - times[begin])
                axes.broken_barh([span], (row - 0.4, 0.8), facecolors=COLOURS[phases[begin]])
                begin = index
    axes.set_yticks(range(len(trace.phases)), list(trace.phases))
    axes.set_ylabel("state of the slot")
    patches = [Patch(color=colour) for colour in COLOURS.values()]
    axes.legend(patches, list(COLOURS), loc="upper right", ncols=len(COLOURS))
    axes.set_ylim(-0.6, len(trace.phases) + 0.6)


def _decisions(axes: Any, trace: Trace) -> None:
    names = list(dict.fromkeys(told for _, _, told in trace.decisions))
    for slot, colour in SLOT_COLOURS.items():
        mine = [(at, told) for at, of, told in trace.decisions if of == slot]
        axes.scatter(
            [datetime.fromtimestamp(at, ZONE) for at, _ in mine],
            [names.index(told) for _, told in mine],
            s=42, color=colour, label=slot, alpha=0.8,
        )  # fmt: skip
    axes.set_yticks(range(len(names)), names)
    axes.set_ylabel("decision")
    axes.set_ylim(-0.7, len(names) + 0.7)
    axes.grid(alpha=0.3)
    axes.legend(loc="upper right", ncols=len(SLOT_COLOURS))


def _cost(axes: Any, times: Sequence[datetime], trace: Trace) -> None:
    hours = [(at - trace.times[0]) / HOUR for at in trace.times]
    axes.plot(times, trace.usd, color="#2f9e6e", linewidth=2.2, label="as decided")
    always = [hour * ON_DEMAND for hour in hours]
    axes.plot(
        times,
        always,
        color="#b23a48",
        linestyle="--",
        label=f"always on (${ALWAYS_ON:.0f} a month)",
    )
    for usd in (trace.usd[-1], always[-1]):
        axes.annotate(
            f"${usd:.2f}", (times[-1], usd), xytext=(6, 0), textcoords="offset points", va="center"
        )
    axes.set_ylabel("US dollars since Monday")
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper left")
    axes.grid(alpha=0.3)
