"""Decode a file in a process of its own.

FFmpeg's libraries trust what a file says of itself: 75 kB that promise a long table take
gigabytes. There such a file meets a limit, and breaks nothing but its own request.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress

import numpy as np

from voicehost.audio.mono import UNREADABLE
from voicehost.engines.protocol import Audio
from voicehost.errors import RequestError, TooLarge

WAIT_SECONDS = 300
CHUNK_BYTES = 1024 * 1024
REFUSED, TOO_LARGE = 3, 4


def unpack_apart(data: bytes, most_seconds: float) -> Audio:
    """Mono at 16 kHz of any container that `unpack` knows. Raises RequestError, TooLarge."""
    command = [sys.executable, "-m", "voicehost.audio.unpack", str(most_seconds), str(len(data))]
    with subprocess.Popen(  # noqa: S603
        command,
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        late = threading.Timer(WAIT_SECONDS, process.kill)
        late.daemon = True
        try:
            late.start()
            decoded, told = _exchanged(process, data)
            process.wait()
        except BaseException:
            process.kill()
            raise
        finally:
            late.cancel()
    if process.returncode == 0:
        return np.frombuffer(decoded, np.float32)
    if process.returncode in (REFUSED, TOO_LARGE):
        message = told.decode("utf-8", "replace")
        raise (TooLarge if process.returncode == TOO_LARGE else RequestError)(message)
    if process.returncode < 0:
        # A limit ended it, or the decoder fell over what it read.
        raise RequestError(UNREADABLE)
    raise RuntimeError(f"unpacking ended with {process.returncode}: {told[-2000:]!r}")


def _exchanged(process: subprocess.Popen[bytes], data: bytes) -> tuple[bytearray, bytes]:
    """What it says to `data`: what it decoded, once only in memory, and its complaint.

    It reads everything before it writes, and complains in a sentence.
    """
    to, back, told = process.stdin, process.stdout, process.stderr
    if to is None or back is None or told is None:
        raise TypeError("each of its streams has to be a pipe")
    with suppress(BrokenPipeError), to:
        to.write(data)
    decoded = bytearray()
    while part := back.read(CHUNK_BYTES):
        decoded += part
    return decoded, told.read()


def _environment() -> dict[str, str]:
    """What it needs to find its modules: a process that reads strange files gets no secrets."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    path = os.pathsep.join(part for part in sys.path if part)
    return {**kept, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"}
