"""A network of one's own: loopback alone, with every port free.

`python -m tests.e2e.consumers.alone COMMAND...`, started by `unshare`, raises the loopback
interface and becomes the command.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
WAYS = (["--net"], ["--map-root-user", "--net"])


def alone() -> list[str] | None:
    """What to put before a command; None where this machine does not allow it."""
    program = shutil.which("unshare")
    if program is None:
        return None
    for way in WAYS:
        line = [program, *way, sys.executable, "-m", "tests.e2e.consumers.alone"]
        if subprocess.run([*line, "true"], capture_output=True, check=False).returncode == 0:
            return line
    return None


def raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = struct.pack("16sH14x", b"lo", 0)
        (flags,) = struct.unpack("16xH14x", fcntl.ioctl(any_socket, SIOCGIFFLAGS, asked))
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


if __name__ == "__main__":
    raise_loopback()
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606
