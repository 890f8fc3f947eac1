"""Synthesize every environment, side by side."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from config.settings import environments
from operate.cdk import OUT, cdk_command, tool_environment
from operate.failures import CommandError
from stacks.guard import FORCE

AT_ONCE = 2


def synth(only: Sequence[str]) -> str:
    """Templates of these environments, or of all, in cdk.out/NAME. Raises CommandError."""
    names = list(only) or environments()
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(_one, names))
    failed = [name for name, good in zip(names, results, strict=True) if not good]
    if failed:
        raise CommandError(f"{', '.join(failed)} failed; the reasons are above.")
    seconds = time.monotonic() - began
    return f"synth: {', '.join(names)} in {OUT.name}/, no finding, {seconds:.1f} s."


def _one(name: str) -> bool:
    done = subprocess.run(
        # Whether a live slot may change is a deploy's question; here it is a note.
        [*cdk_command("synth", name), "--quiet", "-c", f"force={FORCE}"],
        env=tool_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"--- {name}\n{done.stdout}{done.stderr}", flush=True)
    elif "Note: " in done.stderr:
        print(f"--- {name}\n{done.stderr[done.stderr.index('Note: ') :]}", flush=True)
    return done.returncode == 0
