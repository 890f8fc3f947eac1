"""Hear a WAV file, by a player that this machine has."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from gpuvoice.errors import GpuVoiceError

# The first one that is there; each ends when the sound does.
PLAYERS = (
    ("afplay",),
    ("paplay",),
    ("pw-play",),
    ("aplay", "-q"),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error"),
)
NO_PLAYER = (
    f"No player was found in PATH ({', '.join(each[0] for each in PLAYERS)}): install one. "
    "Without --play, a file is written."
)
_POWERSHELL = "(New-Object System.Media.SoundPlayer $env:GPUVOICE_SOUND).PlaySync()"


def player() -> list[str] | None:
    """The beginning of the command that plays a file, or None."""
    found = next((each for each in PLAYERS if shutil.which(each[0])), None)
    if found is not None:
        return [shutil.which(found[0]) or found[0], *found[1:]]
    powershell = shutil.which("powershell") if sys.platform == "win32" else None
    return [powershell, "-NoProfile", "-Command", _POWERSHELL] if powershell else None


def play(wav: bytes) -> None:
    """Returns at the end of the sound. Raises GpuVoiceError where that is not possible."""
    command = player()
    if command is None:
        raise GpuVoiceError(NO_PLAYER)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "speech.wav")
        file.write_bytes(wav)
        by_name = [] if command[-1] == _POWERSHELL else [str(file)]
        done = subprocess.run(  # noqa: S603 - a fixed command, and a file of ours
            [*command, *by_name],
            env={**os.environ, "GPUVOICE_SOUND": str(file)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise GpuVoiceError(f"{Path(command[0]).name} could not play it: {why}")
