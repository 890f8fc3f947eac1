"""The demo a second time, and every other call, with servers that were started anew: no engine
works at all."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from examples.narration.options import NARRATION
from tests import web
from tests.patience import until
from tests.servers import Running, running_servers

SEGMENTS = 3
DEMO = NARRATION.parent / "demo.py"
TEXTS = ["The river was straightened in 1962.", "Nobody asked why."]


def demo(running: Running, narration: Path, out: Path) -> dict[str, bytes]:
    """All files that it makes, by name."""
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "TTS_API_KEY")}
    done = subprocess.run(
        [sys.executable, str(DEMO), "--narration", str(narration), "--out", str(out)],
        env={**clean, "TTS_SERVER_URL": running.tts, "WHISPER_URL": running.whisperx},
        cwd=out.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return {path.name: path.read_bytes() for path in out.iterdir()}


def every_call(running: Running) -> list[Any]:
    """What each way of speaking and hearing answers, but for its take's history."""
    with web.Client(timeout=120) as http:

        def post(url: str, **given: Any) -> httpx.Response:
            return http.post(url, **given).raise_for_status()

        speech = {"model": "tts-1", "voice": "alloy", "input": TEXTS[0], "response_format": "wav"}
        wav = post(f"{running.tts}/v1/audio/speech", json=speech).content
        narrated = post(f"{running.tts}/narrate", json={"texts": TEXTS, "verify": 1.0}).json()
        heard = post(
            f"{running.whisperx}/v1/audio/transcriptions",
            files={"file": ("talk.wav", wav)},
            data={
                "model": "whisper-1",
                "response_format": "verbose_json",
                "timestamp_granularities[]": "word",
            },
        )
        audio = base64.b64encode(wav).decode()
        single = [
            post(f"{running.whisperx}/transcribe", json={"audio": audio}).json(),
            post(f"{running.whisperx}/align", json={"audio": audio, "text": TEXTS[0]}).json(),
        ]
        asked = {"Prefer": "respond-async"}
        job = post(f"{running.tts}/generate_batch", json={"texts": TEXTS}, headers=asked).json()
        state = f"{running.tts}/jobs/{job['id']}"
        until(lambda: bool(http.get(state).json()["status"] == "done"), 60)
        results = [json.loads(line) for line in http.get(f"{state}/results").text.splitlines()]
    return [wav, without(narrated), heard.json(), single, without(results)]


def without(answer: Any, *, name: str = "reused") -> Any:
    """The same without what says where it came from."""
    if isinstance(answer, list):
        return [without(each, name=name) for each in answer]
    if isinstance(answer, dict):
        return {key: without(each, name=name) for key, each in answer.items() if key != name}
    return answer


def counted(log: Path, name: str) -> float:
    """The sum of a metric that both servers wrote until they ended."""
    lines = log.read_text(encoding="utf-8").splitlines()
    found: list[dict[str, Any]] = [json.loads(line) for line in lines if line.startswith('{"_aws')]
    return sum(sum(line.get(name, [])) for line in found)


def test_the_demo_and_every_call_again_need_no_engine(tmp_path: Path) -> None:
    narration = tmp_path / "few.json"
    data = json.loads(NARRATION.read_text(encoding="utf-8"))
    narration.write_text(json.dumps({**data, "segments": data["segments"][:SEGMENTS]}))
    settings = {"VOICE_STORE_DAYS": "1", "VOICE_DATA": str(tmp_path / "data")}
    made, logs = [], []
    for turn in ("first", "again"):
        with running_servers(tmp_path / turn, settings) as running:
            files = demo(running, narration, tmp_path / f"{turn}-out")
            made.append((files, every_call(running)))
            logs.append(running.log)
    assert counted(logs[0], "GenerationSeconds") > 0
    assert counted(logs[0], "StoreMisses") >= 3 * SEGMENTS + len(TEXTS)
    assert counted(logs[1], "StoreHits") >= 3 * SEGMENTS + len(TEXTS)
    for metric in ("GenerationSeconds", "QueueWaitSeconds", "StoreMisses", "StoreFailures"):
        assert counted(logs[1], metric) == 0, metric
    assert made[0] == made[1]
