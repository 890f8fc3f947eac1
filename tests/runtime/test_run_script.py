"""What run.sh hands to the process manager; an interpreter that writes it down stands for that."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from voicehost.local.servers import RUN

WRITES_DOWN = f"""#!{sys.executable}
import json, os, sys
with open(os.environ["VOICEHOST_RUN"] + "/seen.json", "w") as file:
    json.dump({{"environment": dict(os.environ), "words": sys.argv[1:]}}, file)
"""


@dataclass(frozen=True)
class Start:
    """One start of run.sh: what the process manager was given, and all that was printed."""

    environment: dict[str, str]
    words: list[str]
    printed: str


def start(folder: Path, **given: str) -> Start:
    program = folder / "python"
    program.write_text(WRITES_DOWN, encoding="utf-8")
    program.chmod(0o700)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VOICE")}
    done = subprocess.run(
        ["/bin/sh", str(RUN)],
        env={**kept, "VOICEHOST_RUN": str(folder), "VOICEHOST_PYTHON": str(program), **given},
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    seen = json.loads((folder / "seen.json").read_text(encoding="utf-8"))
    return Start(seen["environment"], seen["words"], done.stdout + done.stderr)


def test_each_start_makes_a_secret_for_the_two_servers_and_prints_it_nowhere(
    tmp_path: Path,
) -> None:
    starts = [start(tmp_path) for _ in range(3)]
    keys = {each.environment["VOICE_NEIGHBOUR_KEY"] for each in starts}
    assert len(keys) == 3
    for each in starts:
        key = each.environment["VOICE_NEIGHBOUR_KEY"]
        assert re.fullmatch("[0-9a-f]{64}", key)
        assert key not in each.printed + " ".join(each.words)


def test_jobs_are_kept_in_its_own_folder(tmp_path: Path) -> None:
    assert start(tmp_path).environment["VOICE_DATA"] == str(tmp_path / "data")


def test_what_is_given_stays(tmp_path: Path) -> None:
    given = {"VOICE_DATA": "/elsewhere", "VOICE_NEIGHBOUR_KEY": "mine"}
    seen = start(tmp_path, **given).environment
    assert {name: seen[name] for name in given} == given
