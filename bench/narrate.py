"""What `gpuvoice narrate` costs beside the same calls made directly: `python -m bench.narrate`.

A (threads that post to /generate, /transcribe and /align and keep nothing) and B (the narration,
with all it keeps on disk) take turns against the same true servers, as many at a time, with the
same texts. Exits 1 beyond the limit. The clock engine takes a tenth of the time of a GPU that is
elsewhere; the CPU engine shares its cores with the client, and its figures spread with all that
runs beside it.
"""

from __future__ import annotations

import argparse
import base64
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from gpuvoice import ClientConfig, Recognition, Speech
from gpuvoice.narration import Narration, Segment, Settings, narrate, read_narration
from gpuvoice.narration.display import Lines
from tests.servers import Running, running_servers

SCRIPT = Path(__file__).parents[1] / "examples/narration.json"
LIMIT = 0.03
# Never above it, so that both sides make as many calls.
ANY_ERROR_RATE = 100.0


def direct(running: Running, segments: Sequence[Segment], parallel: int) -> float:
    """Seconds for all calls of all segments."""
    began = time.perf_counter()
    with httpx.Client(timeout=600) as client, ThreadPoolExecutor(parallel) as threads:

        def one(segment: Segment) -> None:
            said = {"text": segment.text, "instruct": segment.instruct}
            spoken = client.post(f"{running.tts}/generate", json=said).json()
            audio = base64.b64encode(base64.b64decode(spoken["audio"])).decode()
            client.post(f"{running.whisperx}/transcribe", json={"audio": audio}).raise_for_status()
            timed = {"audio": audio, "text": segment.text}
            client.post(f"{running.whisperx}/align", json=timed).raise_for_status()

        list(threads.map(one, segments))
    return time.perf_counter() - began


def narrated(running: Running, narration: Narration, folder: Path, parallel: int) -> float:
    """Seconds for a whole narration, from an empty folder to the last file."""
    config = ClientConfig(speech_url=running.tts, recognition_url=running.whisperx)
    began = time.perf_counter()
    with Speech(config) as speech, Recognition(config) as recognition:
        report = narrate(
            narration,
            folder,
            speech=speech,
            recognition=recognition,
            settings=Settings(verify=ANY_ERROR_RATE, parallel=parallel),
            watch=Lines(len(narration.segments), lambda sentence: None),
        )
    seconds = time.perf_counter() - began
    assert report.takes == len(narration.segments), "each clip is made once"
    shutil.rmtree(folder)
    return seconds


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.narrate", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--segments", type=int, default=12)
    parser.add_argument("--parallel", type=int, default=8)
    parser.add_argument("--engine", choices=("clock", "cpu"), default="clock")
    given = parser.parse_args()
    whole = read_narration(SCRIPT)
    narration = Narration(whole.title, whole.segments[: given.segments])
    plain, kept = [], []
    with tempfile.TemporaryDirectory() as name:
        settings = {"VOICE_ENGINE": given.engine, "VOICE_CLOCK_SPEED": "10"}
        with running_servers(Path(name, "run"), settings) as running:
            narrated(running, narration, Path(name, "warm"), given.parallel)
            for number in range(given.rounds):
                # First by turns, so that neither is always the one that follows the other.
                for side in ("AB", "BA")[number % 2]:
                    if side == "A":
                        plain.append(direct(running, narration.segments, given.parallel))
                    else:
                        folder = Path(name, f"out-{number}")
                        kept.append(narrated(running, narration, folder, given.parallel))
                print(f"round {number + 1}: direct {plain[-1]:.2f} s, narrate {kept[-1]:.2f} s")
    overhead = statistics.median(kept) / statistics.median(plain) - 1
    print(
        f"{given.engine}, {given.segments} segments, {given.parallel} at once, "
        f"{given.rounds} rounds: direct {_spread(plain)}, narrate {_spread(kept)}, "
        f"overhead of the medians {overhead:+.1%} (limit {LIMIT:.0%})"
    )
    return 0 if overhead <= LIMIT else 1


def _spread(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})"


if __name__ == "__main__":
    sys.exit(main())
