"""Send generated and hand-made requests to both servers and check every answer.

Run by `make fuzz`, or `python -m bench.fuzz --cases 1000` beside running servers.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from bench.fuzz.generation import read_document
from bench.fuzz.plan import Case, rounds
from bench.fuzz.recordings import make_recordings
from bench.fuzz.report import Report
from bench.fuzz.target import Target


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    targets = [
        Target("tts", options.tts_url.rstrip("/")),
        Target("whisperx", options.whisper_url.rstrip("/")),
    ]
    recordings = make_recordings(options.seed)
    documents = [read_document(target, recordings, options.seed) for target in targets]
    report = Report()
    began = time.monotonic()
    with ThreadPoolExecutor(options.threads) as pool:
        for cases in rounds(documents, options.cases, options.seed):
            send(pool, cases, report)
            print(
                f"{report.cases} cases in {time.monotonic() - began:.0f} s, "
                f"{len(report.failures)} failures",
                file=sys.stderr,
                flush=True,
            )
    for target in targets:
        report.add_end(target.end_faults())
    print(report.text())
    return 0 if report.passed else 1


def send(pool: ThreadPoolExecutor, cases: Sequence[Case], report: Report) -> None:
    """Send all cases, several at once, and add what came of them in their order."""
    for outcome in pool.map(lambda case: case.send(), cases):
        if outcome is not None:
            report.add(outcome)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.fuzz", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--cases", type=int, default=1000, help="about how many requests to send")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same requests")
    parser.add_argument("--threads", type=int, default=4, help="requests under way at once")
    parser.add_argument(
        "--tts-url", default=os.environ.get("TTS_SERVER_URL", "http://localhost:5000")
    )
    parser.add_argument(
        "--whisper-url", default=os.environ.get("WHISPER_URL", "http://localhost:5001")
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
