"""Speed, memory and recovery on this machine's GPU, with random weights of full size.

Number formats take turns, each in a process of its own. Writes bench/results/gpu-NAME-DATE.json.
Without a GPU, `--tiny --device cpu` shows that it runs; its figures mean nothing.
"""

from __future__ import annotations

import argparse
import datetime
import json
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.gpu.both import Load, measure_both
from bench.gpu.checkpoints import make_checkpoints
from bench.gpu.findings import by_batch, machine, table
from bench.gpu.voices import FORMATS, FP16, TEXT

RESULTS = Path(__file__).parents[1] / "results"
BFLOAT16_FROM = 8


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.gpu", description=__doc__)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--tiny", action="store_true", help="small checkpoints, to try the command")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 4, 8, 16, 32])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60, help="under load, a round and phase")
    parser.add_argument("--name", help="in the result file's name; the GPU's own when left out")
    parser.add_argument("--folder", type=Path, help="keep the checkpoints there, 9 GB")
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args()
    found: dict[str, Any] = {"command": shlex.join(["python", "-m", "bench.gpu", *sys.argv[1:]])}
    found |= {"date": datetime.datetime.now(datetime.UTC).date().isoformat()}
    found |= {"checkpoints": "tiny" if given.tiny else "full size", **machine(given.device)}
    with tempfile.TemporaryDirectory() as room:
        folder = given.folder or Path(room) / "models"
        if not (folder / "nltk/weights.json").exists():
            print("Making random checkpoints ...", file=sys.stderr, flush=True)
            make_checkpoints(folder, tiny=given.tiny, device=given.device)
        found |= _formats(given, folder)
        load = Load(given.device, max(given.batches), given.seconds, given.rounds, _text(given))
        found["both_servers"] = measure_both(folder, Path(room) / "run", load)
    file = given.results / f"gpu-{given.name or _name(found)}-{found['date']}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(table(found["formats"]))
    print(f"python -m bench.gpu: wrote {file}.")
    return 0


def _formats(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in _possible(given.device)}
    for number in range(given.rounds):
        for name, done in rounds.items():
            print(f"Round {number + 1}: {name} ...", file=sys.stderr, flush=True)
            done.append(_round(given, folder, name, recover=number == 0))
    return {
        "formats": {name: by_batch(done) for name, done in rounds.items()},
        "rows_admitted": {name: done[0]["rows_admitted"] for name, done in rounds.items()},
        "load_seconds": {
            name: [one["load_seconds"] for one in done] for name, done in rounds.items()
        },
        "recovery": {name: done[0]["recovery"] for name, done in rounds.items()},
    }


def _round(given: argparse.Namespace, folder: Path, name: str, *, recover: bool) -> dict[str, Any]:
    batches = [str(rows) for rows in given.batches]
    command = [sys.executable, "-m", "bench.gpu.one_round", str(folder), "--formats", name]
    command += ["--device", given.device, "--text", _text(given), "--batches", *batches]
    command += ["--recover"] if recover else []
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _possible(device: str) -> list[str]:
    """bfloat16 only where the card computes in it."""
    if device == "cpu":
        return list(FORMATS)
    import torch

    return list(FORMATS) if torch.cuda.get_device_capability(0)[0] >= BFLOAT16_FROM else [FP16]


def _text(given: argparse.Namespace) -> str:
    return "Hi." if given.tiny else TEXT


def _name(found: dict[str, Any]) -> str:
    return str(found.get("gpu", "cpu")).lower().replace("nvidia ", "").replace(" ", "-")


if __name__ == "__main__":
    sys.exit(main())
