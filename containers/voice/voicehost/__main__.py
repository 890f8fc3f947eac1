"""`python -m voicehost`: serve a server, publish GPU figures, ask for life, make a key."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from voicehost.keys import NAME, new_key
from voicehost.liveness import not_live
from voicehost.settings import SettingsError, VoiceHostSettings
from voicehost.settings_page import settings_page

CONFIG = Path(__file__).resolve().parent.parent / "gunicorn.conf.py"


def main() -> int:
    parser = argparse.ArgumentParser(prog="voicehost", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run one of the two servers under gunicorn")
    serve.add_argument("server", choices=["tts", "whisperx"])
    commands.add_parser("gpu-metrics", help="publish the GPU's figures, where there is a GPU")
    commands.add_parser("live", help="exit 0 if both servers of this machine live, else 1")
    keys = commands.add_parser("keys", help="manage API keys")
    new = keys.add_subparsers(dest="action", required=True).add_parser("new", help="make a key")
    new.add_argument("name", help="whose key it is")
    new.add_argument("--service", action="store_true", help="a key for the power controller")
    commands.add_parser("settings", help="print the page of all settings (Markdown)")
    given = parser.parse_args()
    try:
        if given.command == "serve":
            _serve(given.server)
        elif given.command == "gpu-metrics":
            return _gpu_metrics()
        elif given.command == "live":
            return _live()
        elif given.command == "keys":
            return _new_key(given.name, given.service)
        else:
            print(settings_page(), end="")
    except SettingsError as error:
        print(f"voicehost: {error}", file=sys.stderr)
        return 2
    return 0


def _serve(server: str) -> None:
    settings = VoiceHostSettings.from_env()
    port = settings.tts_port if server == "tts" else settings.whisperx_port
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    arguments = ["-c", str(CONFIG), "--bind", f"{host}:{port}", "--name", server]
    program = [sys.executable, "-m", "gunicorn", *arguments, f"voicehost.wsgi:{server}()"]
    os.execv(sys.executable, program)  # noqa: S606


def _gpu_metrics() -> int:
    from voicehost.gpu.publisher import main as publish  # gunicorn's worker is behind it

    return publish(VoiceHostSettings.from_env())


def _live() -> int:
    failures = not_live(VoiceHostSettings.from_env())
    if failures:
        print(f"voicehost: {' and '.join(failures)}", file=sys.stderr)
    return 1 if failures else 0


def _new_key(name: str, service: bool) -> int:
    if not NAME.fullmatch(name):
        print("voicehost: a key's name has letters, digits, '.', '_' and '-' only", file=sys.stderr)
        return 2
    clear, digest = new_key()
    entry = f"{name}={digest}{':service' if service else ''}"
    print(f"The key, shown this once:  {clear}")
    print(f"Add to VOICE_KEYS:         {entry}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
