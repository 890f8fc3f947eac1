"""Debian packages that the run needs and the machine lacks."""

from __future__ import annotations

import os
import shutil
import subprocess

from operate.failures import CommandError

UNASKED = {"DEBIAN_FRONTEND": "noninteractive"}


def install(*names: str) -> None:
    """Raises CommandError on machines without apt, without root or without the package."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise CommandError(
            f"{' and '.join(names)} is needed: install it, or start a Docker engine that answers "
            "`docker info` and name a base: make image-test ARGS='--base debian:bookworm-slim'. On "
            "Debian this command installs it when it runs as root."
        )
    for words in (["update"], ["install", "-y", "--no-install-recommends", *names]):
        done = subprocess.run(
            [apt, "-qq", *words],
            env={**os.environ, **UNASKED},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CommandError(f"apt-get {words[0]} failed: {done.stderr.strip()[-300:]}")
