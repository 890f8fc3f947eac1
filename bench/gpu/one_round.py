"""A process that measures one number format once: `python -m bench.gpu.one_round FOLDER ...`.

A process each, so that no format finds the memory or the caches of the other. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path

from bench.gpu.shortage import recover
from bench.gpu.voices import FORMATS, TEXT, load_voice, speak


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.gpu.one_round", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--formats", choices=FORMATS, required=True)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--batches", type=int, nargs="+", required=True)
    parser.add_argument("--text", default=TEXT)
    parser.add_argument("--recover", action="store_true", help="take memory away, too")
    given = parser.parse_args()
    began = time.perf_counter()
    most = max(given.batches)
    voice = load_voice(given.folder, given.formats, device=given.device, rows=most)
    loaded = time.perf_counter() - began
    speak(voice, [given.text])
    # What is larger than the engine admits is run in the parts that a server would make of it.
    batches = [{**asdict(s), "rate": s.rate} for s in
               (speak(voice, [given.text] * rows) for rows in given.batches)]  # fmt: skip
    found = {"load_seconds": loaded, "rows_admitted": voice.rows, "batches": batches}
    if given.recover:
        found["recovery"] = recover(voice, [given.text] * most)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
