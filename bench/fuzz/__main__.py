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
from urllib.parse import urlsplit

from bench.fuzz.answers import ANSWER_SECONDS, CLOSED, Fault, Outcome
from bench.fuzz.generation import read_document
from bench.fuzz.plan import Case, rounds
from bench.fuzz.recordings import make_recordings
from bench.fuzz.report import Report
from bench.fuzz.target import Target
from voicehost.settings import is_loopback

SPARE_SECONDS = 5


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
    pool = ThreadPoolExecutor(options.threads)
    answered = True
    for cases in rounds(documents, options.cases, options.seed):
        answered = send(pool, cases, report)
        passed = f"{time.monotonic() - began:.0f} s, {len(report.failures)} failures"
        print(f"{report.cases} cases in {passed}", file=sys.stderr, flush=True)
        if not answered:
            break
    pool.shutdown(wait=answered, cancel_futures=True)
    for target in targets:
        report.add_end(target.end_faults())
    print(report.text(), flush=True)
    if not answered:
        os._exit(1)  # a thread that waits for ever would keep this process from ending
    return 0 if report.passed else 1


def send(pool: ThreadPoolExecutor, cases: Sequence[Case], report: Report) -> bool:
    """Send all cases, several at once, and add what came of them in their order.

    False once a case has no answer in time, though its connection may be kept alive by white
    space: a server that has stopped working would let the others wait as long.
    """
    waiting = [(case, pool.submit(case.send)) for case in cases]
    for case, future in waiting:
        try:
            outcome = future.result(timeout=ANSWER_SECONDS + SPARE_SECONDS)
        except TimeoutError:
            late = Fault("answered in time", "no whole answer came; the run ends here")
            shown = case.reproduction()
            report.add(Outcome(case.endpoint, CLOSED, ANSWER_SECONDS, False, (late,), shown))
            return False
        if outcome is not None:
            report.add(outcome)
    return True


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
    options = parser.parse_args(arguments)
    for url in (options.tts_url, options.whisper_url):
        if not is_loopback(urlsplit(url).hostname or ""):
            parser.error(f"{url} is not on this machine: hostile requests go to your own servers")
    return options


if __name__ == "__main__":
    sys.exit(main())
