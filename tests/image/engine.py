"""A Docker engine: the one that answers here, or one of our own for as long as the run lasts."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from operate.failures import CommandError
from operate.image.docker import Docker
from tests.image.packages import install

# Where Debian puts the engine and its client: another client on the path may lack BuildKit.
DAEMON, CLIENT = "/usr/sbin/dockerd", "/usr/bin/docker"
# No bridge and no packet filter, so that nothing of it is left in the machine's network.
QUIET = ("--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false")
START_SECONDS, STOP_SECONDS = 60, 30


@contextmanager
def engine(folder: Path) -> Iterator[Docker]:
    """Raises CommandError where there is none and none can be installed."""
    found = Docker()
    if found.tries("info"):
        yield found
        return
    install("docker.io")
    with _daemon(folder) as own:
        yield own


@contextmanager
def _daemon(folder: Path) -> Iterator[Docker]:
    socket = f"unix://{folder}/docker.sock"
    with (folder / "dockerd.log").open("wb") as log:
        process = subprocess.Popen(
            [
                DAEMON, "--host", socket, "--data-root", str(folder / "data"),
                "--exec-root", str(folder / "exec"), "--pidfile", str(folder / "docker.pid"),
                *QUIET,
            ],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    docker = Docker(CLIENT, {"DOCKER_HOST": socket, "DOCKER_CONFIG": str(folder / "config")})
    try:
        _wait(process, docker, folder / "dockerd.log")
        yield docker
    finally:
        _stop(process, folder / "exec")


def _wait(process: subprocess.Popen[bytes], docker: Docker, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while not docker.tries("info"):
        if process.poll() is not None or time.monotonic() > end:
            last = log.read_text(errors="replace").strip().splitlines()[-1:]
            raise CommandError(f"the Docker engine does not start: {' '.join(last)}")
        time.sleep(0.1)


def _stop(process: subprocess.Popen[bytes], run: Path) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    # The engine leaves its network namespace mounted, and the folder could not be deleted.
    umount = shutil.which("umount")
    if umount is not None:
        subprocess.run([umount, str(run / "netns/default")], capture_output=True, check=False)
