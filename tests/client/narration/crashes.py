"""Narrations as processes, servers that are killed under them, and what the servers made."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import psutil
import webvtt

from tests import web
from tests.servers import Running

CLIENT = Path(__file__).parents[3] / "client"
# Differ from run to run of the same work. The aligner of the CPU family adapts to what it heard
# before, so that the times of words depend a little on the order of the clips.
TIMINGS = {"call_seconds", "seconds", "real_time_factor", "takes", "start", "end", "score"}


def start(running: Running, script: Path, folder: Path, *more: str) -> subprocess.Popen[str]:
    """`gpuvoice narrate` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "gpuvoice", "narrate", str(script), "-d", str(folder), *more],
        env=environment(running),
        cwd=folder.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def environment(running: Running) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(CLIENT),
        "TTS_SERVER_URL": running.tts,
        "WHISPER_URL": running.whisperx,
    }


def kept_clips(folder: Path) -> dict[str, tuple[int, int]]:
    """The WAV files whose facts are there too, with what a rewrite would change."""
    found = {}
    for facts in (folder / "clips").glob("[!.]*.json"):
        status = facts.with_suffix(".wav").stat()
        found[facts.stem] = (status.st_ino, status.st_mtime_ns)
    return found


def done_calls(running: Running) -> list[str]:
    """Paths of the work that the servers did, by their logs of requests."""
    lines = running.log.read_text(encoding="utf-8", errors="replace").splitlines()
    found = [json.loads(line) for line in lines if '"message": "request"' in line]
    return [line["path"] for line in found if line["status"] == 200]


def idle(url: str) -> bool:
    """Whether nothing is under way or waits at a server."""
    now = web.get(f"{url}/internal/activity", headers={"X-Voice-Internal": "1"}).json()
    return bool(now["in_flight"] == now["queue_depth"] == 0)


def kill_server(url: str) -> None:
    """End the server on this port as a crash would; its process manager starts it again."""
    port = str(httpx.URL(url).port)
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if any(part.endswith(f":{port}") for part in line):
            # The parent first would leave its child without one; both go in the same moment.
            process.send_signal(signal.SIGKILL)


def content(folder: Path) -> dict[str, Any]:
    """Everything in a folder of results, without the times that work took and those of words."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "narration.lock":
            found[str(path.relative_to(folder))] = _plain(path)
    return found


def word_times(folder: Path) -> list[tuple[float, float]]:
    entries = json.loads((folder / "alignment.json").read_text(encoding="utf-8"))
    return [(word["start"], word["end"]) for entry in entries for word in entry["words"]]


def _plain(path: Path) -> Any:
    if path.suffix == ".json":
        return _untimed(json.loads(path.read_bytes()))
    if path.suffix in (".vtt", ".srt"):
        read = webvtt.WebVTT.read if path.suffix == ".vtt" else webvtt.WebVTT.from_srt
        return [word for caption in read(str(path)).captions for word in caption.text.split()]
    return path.read_bytes()


def _untimed(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {name: _untimed(value) for name, value in data.items() if name not in TIMINGS}
    if isinstance(data, Sequence) and not isinstance(data, str):
        return [_untimed(value) for value in data]
    return data
