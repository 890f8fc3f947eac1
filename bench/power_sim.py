"""`python -m bench.power_sim`: years of the power controller in a simulated world.

The controller's own code decides; traffic, AWS, metrics, crashes and people are simulated from a
seed. Prints tables, and exits 1 when a promise was broken. With --mutant a wrong controller runs,
and the exit status is 0 only if a check notices. --write keeps the results in docs/.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from platform import python_version

from bench.pages import ROOT, with_tables
from bench.power.mutants import MUTANTS
from bench.power.report import Results, results, sentence, tables
from bench.power.runs import many

MODULE = "bench.power_sim"
DOCUMENT = "docs/power-simulation.md"
KEPT = "bench/results/power-sim.json"
SHOWN = 5


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    if given.plot:
        from bench.power.plot import draw_week

        print(f"power_sim: {draw_week(given.seed, given.plot)}")
        return 0
    began = time.monotonic()
    tally = many(
        given.days, seed=given.seed, harsh=given.harsh, mutant=given.mutant, jobs=given.jobs
    )
    found = results(tally, seed=given.seed, harsh=given.harsh)
    print(tables(found))
    print("\n".join(["", *found["told"][:SHOWN]]))
    if given.mutant:
        return _judge(given.mutant, found)
    if given.write:
        keep(found, seconds=time.monotonic() - began)
    print(sentence(found))
    return 0 if all(holds for *_, holds in found["checks"]) else 1


def keep(found: Results, *, seconds: float) -> None:
    """The results as a file, and as tables in the document."""
    found |= {
        "date": datetime.now(UTC).date().isoformat(),
        "python": python_version(),
        "minutes": round(seconds / 60, 1),
    }
    file, page = ROOT / KEPT, ROOT / DOCUMENT
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    page.write_text(
        with_tables(page.read_text(encoding="utf-8"), MODULE, document_tables(found)),
        encoding="utf-8",
    )


def document_tables(found: Results) -> str:
    ran = f"Ran on {found['date']} with Python {found['python']} in {found['minutes']:g} minutes."
    return f"{ran}\n\n{tables(found)}"


def _judge(mutant: str, found: Results) -> int:
    failed = {name for name, _, _, holds in found["checks"] if not holds}
    caught = sorted(failed & set(MUTANTS[mutant].caught_by))
    how = f"is caught by: {', '.join(caught)}" if caught else "is NOT caught"
    print(f"power_sim: in {found['days']} days the mutant {mutant} {how}.")
    return 0 if caught else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=MODULE,
        description="Years of the power controller in a simulated world. Exits 1 when a promise "
        "was broken; with --mutant, when nothing noticed.",
    )
    parser.add_argument("--days", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="processes side by side")
    parser.add_argument("--harsh", action="store_true", help="much more goes wrong")
    parser.add_argument("--mutant", choices=MUTANTS, help="a controller with a known fault")
    parser.add_argument("--write", action="store_true", help=f"write {KEPT} and {DOCUMENT}")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw one week as a PNG")
    return parser


if __name__ == "__main__":
    sys.exit(main())
