"""Both servers on this machine: started, warm, and gone again in the end.

`python -m voicehost.local` runs them until Ctrl-C and says what to try; with a command behind it,
that command runs against them (or against those that run already, or that TTS_SERVER_URL and
WHISPER_URL name), and its status is returned. `--beside COMMAND...` runs them until Ctrl-C, and
that command with them: the console.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from types import FrameType

from voicehost.local.addresses import Address, addresses
from voicehost.local.beside import Beside
from voicehost.local.servers import Servers, StartFailed
from voicehost.local.suggestions import suggestions
from voicehost.settings import SettingsError, VoiceHostSettings


class Stop(Exception):
    """Somebody asked the launcher to end, with a signal of this number."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    command, beside = _asked(sys.argv[1:])
    try:
        settings = VoiceHostSettings.from_env()
        if command:
            return _with_servers(command, settings, addresses(settings))
        return _run(settings, addresses(settings), beside)
    except (SettingsError, StartFailed) as error:
        print(f"GPU Voice did not start: {error}", file=sys.stderr)
        return 1
    except Stop as stop:
        print("GPU Voice is stopped.", flush=True)
        return 128 + stop.number if command else 0


def _asked(arguments: list[str]) -> tuple[list[str], list[str]]:
    """The command that uses the servers, and the one that runs beside them; one is empty."""
    return ([], arguments[1:]) if arguments[:1] == ["--beside"] else (arguments, [])


def _with_servers(command: list[str], settings: VoiceHostSettings, both: list[Address]) -> int:
    named = {"TTS_SERVER_URL", "WHISPER_URL"} & set(os.environ)
    mine = not named and not all(address.is_ours() for address in both)
    for address in both if mine else []:
        address.require_free()
    with Servers(_folder(), os.environ) if mine else nullcontext() as servers:
        if servers is not None:
            print("Starting the two servers for this command.", file=sys.stderr, flush=True)
            servers.wait_until_ready(both)
        urls = {"TTS_SERVER_URL": both[0].url, "WHISPER_URL": both[1].url}
        return subprocess.call(
            command, env={**urls, **os.environ} if named else {**os.environ, **urls}
        )


def _folder() -> Path:
    return Path(os.environ.get("VOICEHOST_RUN", ".run"))


def _run(settings: VoiceHostSettings, both: list[Address], beside: list[str]) -> int:
    if all(address.is_ours() for address in both):
        print(suggestions(settings, both))
        print("GPU Voice was running already.")
        return 0
    for address in both:
        address.require_free()
    with Servers(_folder(), os.environ) as servers:
        print("Starting the two servers; the models load in a few seconds.", flush=True)
        servers.wait_until_ready(both)
        with Beside(beside, os.environ) as console:
            print(suggestions(settings, both, console.address))
            print(f"GPU Voice is ready. Its log is in {servers.log}. Ctrl-C stops it.", flush=True)
            while servers.running():
                time.sleep(0.3)
        raise StartFailed(f"a server ended.\n{servers.log_end()}")


def _stop(number: int, frame: FrameType | None) -> None:
    # A second Ctrl-C must not interrupt the orderly stop that the first one began.
    for again in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(again, lambda *_: None)
    raise Stop(number)


if __name__ == "__main__":
    sys.exit(main())
