"""`python -m voicehost live`: what the container's health check is told."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.servers import free_ports, running_servers

ROOT = Path(__file__).parents[2]


def live(tts: int, whisperx: int) -> tuple[int, str]:
    """Exit status, and what it said."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VOICE_")}
    ports = {"TTS_PORT": str(tts), "WHISPERX_PORT": str(whisperx)}
    done = subprocess.run(
        [sys.executable, "-m", "voicehost", "live"],
        env={**kept, **ports, "PYTHONPATH": str(ROOT / "containers/voice")},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout == ""
    return done.returncode, done.stderr


@contextmanager
def stalled_server() -> Iterator[int]:
    """The port of a server whose /live says no."""

    class No(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503 if self.path == "/live" else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), No) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def port(url: str) -> int:
    return urlsplit(url).port or 0


def test_it_agrees_only_when_both_servers_live(tmp_path: Path) -> None:
    free, other = free_ports(2)
    with running_servers(tmp_path, {"VOICE_ENGINE": "clock"}) as running:
        assert live(port(running.tts), port(running.whisperx)) == (0, "")
        gone = live(port(running.tts), free)
        assert gone == (1, f"voicehost: whisperx does not answer on port {free}\n")
        with stalled_server() as stalled:
            assert live(stalled, port(running.whisperx)) == (
                1,
                "voicehost: tts answers /live with 503\n",
            )
    status, said = live(other, free)
    assert status == 1
    assert "tts does not answer" in said
    assert "whisperx does not answer" in said
    assert said.count("\n") == 1
