"""`make bench`: alignment, power decisions, both servers under load. Exits 1 beyond a limit."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.load import measure_both
from tests.servers import running_servers

POWER_DAYS = "365"


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=60, help="time under load, per server")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--skip-alignment", action="store_true")
    parser.add_argument("--skip-power", action="store_true")
    given = parser.parse_args()
    misses = []
    if not given.skip_alignment:
        script = Path(__file__).parent / "alignment.py"
        if subprocess.run([sys.executable, str(script)], check=False).returncode:
            misses.append("alignment")
    if not given.skip_power:
        years = [sys.executable, "-m", "bench.power_sim", "--days", POWER_DAYS, "--jobs", "2"]
        if subprocess.run(years, check=False).returncode:
            misses.append("power decisions")
    with tempfile.TemporaryDirectory() as folder, running_servers(Path(folder), {}) as running:
        results = measure_both(
            running.tts, running.whisperx,
            clients=given.clients, seconds=given.seconds, rounds=given.rounds,
        )  # fmt: skip
    for result in results:
        print(result.report())
        misses += [f"{result.name}: {text}" for text in result.misses()]
    print(f"make bench: {'limits missed: ' + '; '.join(misses) if misses else 'all limits kept.'}")
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
