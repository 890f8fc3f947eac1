"""Both servers on one GPU: speech alone, and speech while others transcribe and align."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.clients import Job, Tally, json_job, run_clients
from bench.gpu.voices import TEXT
from tests.models.variables import with_models
from tests.servers import running_servers
from voicehost.engines.cuda.speech.frames import frame_cap
from voicehost.engines.step_cost import FRAMES_PER_SECOND
from voicehost.gpu.nvml import NoGpu, opened

GOLDEN = Path(__file__).parents[2] / "operate/verify/golden"
LISTENERS = 4


@dataclass(frozen=True, slots=True)
class Load:
    device: str
    callers: int
    seconds: float
    rounds: int
    text: str = TEXT


def measure_both(folder: Path, run: Path, load: Load) -> dict[str, Any]:
    """Rounds of speech alone and speech beside hearing, turn about."""
    settings = {
        **with_models(folder, load.device),
        "VOICE_BATCH_ROWS": str(load.callers),
    }
    speak = [json_job("/generate", {"text": load.text}, frame_cap(load.text) / FRAMES_PER_SECOND)]
    alone: list[dict[str, Any]] = []
    beside: list[dict[str, Any]] = []
    heard: list[dict[str, Any]] = []
    with running_servers(run, settings) as servers:
        idle_mib = gpu_mib()
        for _ in range(load.rounds):
            alone.append(told(run_clients(servers.tts, speak, load.callers, load.seconds)))
            with listening(servers.whisperx, load.seconds) as tallies:
                beside.append(told(run_clients(servers.tts, speak, load.callers, load.seconds)))
            heard.append({name: told(tally) for name, tally in tallies.items()})
        busy_mib = gpu_mib()
    return {
        "callers": load.callers,
        "speech_alone": alone,
        "speech_beside_hearing": beside,
        "hearing": heard,
        "gpu_mib_loaded": idle_mib,
        "gpu_mib_after": busy_mib,
    }


@contextmanager
def listening(url: str, seconds: float) -> Iterator[dict[str, Tally]]:
    """Callers that transcribe and align meanwhile; their tallies are whole at its end."""
    tallies: dict[str, Tally] = {}

    def keep(name: str, jobs: list[Job]) -> None:
        tallies[name] = run_clients(url, jobs, LISTENERS, seconds)

    threads = [
        threading.Thread(target=keep, args=(name, jobs)) for name, jobs in hearing_jobs().items()
    ]
    for thread in threads:
        thread.start()
    try:
        yield tallies
    finally:
        for thread in threads:
            thread.join()


def hearing_jobs() -> dict[str, list[Job]]:
    listed = json.loads((GOLDEN / "golden.json").read_text(encoding="utf-8"))["recordings"]
    transcribe: list[Job] = []
    align: list[Job] = []
    for entry in listed:
        audio = base64.b64encode((GOLDEN / entry["file"]).read_bytes()).decode()
        transcribe.append(json_job("/transcribe", {"audio": audio}, entry["seconds"]))
        align.append(json_job("/align", {"audio": audio, "text": entry["text"]}, entry["seconds"]))
    return {"transcribe": transcribe, "align": align}


def told(tally: Tally) -> dict[str, Any]:
    return {
        "audio_seconds_per_second": round(tally.rate, 3),
        "seconds": round(tally.seconds, 1),
        "answers": dict(tally.statuses),
    }


def gpu_mib() -> float | None:
    """Memory in use on the first GPU by all processes; None without one."""
    try:
        with opened() as nvml:
            used = nvml.read()[0].memory_used_bytes
    except NoGpu:
        return None
    return None if used is None else used / 2**20
