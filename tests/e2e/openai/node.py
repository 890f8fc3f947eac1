"""Runs node_client.mjs."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
CLIENT = Path(__file__).with_name("node_client.mjs")
NODE = ROOT / "node_modules" / ".bin" / "node"
PACKAGE = ROOT / "node_modules" / "openai"
SECONDS = 120
Step = Mapping[str, Any]
Said = Iterator[tuple[str, Any]]


@contextmanager
def running(url: str, key: str, steps: Sequence[Step]) -> Iterator[Said]:
    """What the client says, line by line, as it goes on."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")
    }
    task = json.dumps({"url": url, "key": key, "steps": list(steps)})
    with subprocess.Popen(
        [NODE, CLIENT], env=inherited, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(task)
        process.stdin.close()
        try:
            yield ((said["name"], said["result"]) for said in map(json.loads, process.stdout))
            assert process.wait(SECONDS) == 0
        finally:
            process.kill()


def run(url: str, key: str, steps: Sequence[Step]) -> dict[str, Any]:
    """The results of the steps, by their names."""
    with running(url, key, steps) as said:
        return dict(said)
