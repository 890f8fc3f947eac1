"""What the audio formats save and cost: `python -m bench.formats`.

Sizes: the demo's texts, spoken by the CPU voice; the answer with FLAC, as JSON and as bytes, beside
the same call's JSON with WAV. Cost: the encoders' time for a second of audio, on one core. Time to
the first byte: a long text sent as it is spoken (`/v1/audio/speech`) beside the same text sent
whole, in turns against the same true server. Exits 1 beyond a limit.
"""

from __future__ import annotations

import argparse
import base64
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import get_args

import httpx
import numpy as np
from numpy.typing import NDArray

from gpuvoice.narration import read_narration
from tests.servers import Running, running_servers
from voicehost.audio.formats import AudioFormat, encode
from voicehost.audio.tempo import at_speed
from voicehost.engines.protocol import SPEECH_RATE

SCRIPT = Path(__file__).parents[1] / "examples/narration.json"
JSON_LIMIT = 0.50
BYTES_LIMIT = 0.38
LONG_CHARACTERS = 1500
COSTED_CLIPS = 10


def spread(values: Sequence[float]) -> str:
    """Median, and from where to where."""
    return f"{statistics.median(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def sizes(client: httpx.Client, texts: Sequence[str]) -> tuple[list[float], list[float]]:
    """For each text, FLAC beside base64 WAV in JSON: as JSON, and as bytes."""
    as_json, as_bytes = [], []
    for text in texts:
        batch = {"texts": [text]}
        wav = len(client.post("/generate_batch", json=batch).raise_for_status().content)
        flac = client.post("/generate_batch", json=batch | {"format": "flac"}).raise_for_status()
        as_json.append(len(flac.content) / wav)
        one = client.post("/generate", json={"text": text}).raise_for_status()
        audio = client.post("/generate", json={"text": text}, headers={"Accept": "audio/flac"})
        as_bytes.append(len(audio.raise_for_status().content) / len(one.content))
    return as_json, as_bytes


def clips(client: httpx.Client, texts: Sequence[str]) -> list[NDArray[np.int16]]:
    body = {"texts": list(texts), "format": "pcm"}
    answer = client.post("/generate_batch", json=body).raise_for_status().json()
    return [np.frombuffer(base64.b64decode(audio), "<i2") for audio in answer["audios"]]


def cost(spoken: Sequence[NDArray[np.int16]], work: Callable[[NDArray[np.int16]], object]) -> float:
    """Milliseconds of one core for a second of audio."""
    began = time.thread_time()
    for pcm in spoken:
        work(pcm)
    seconds = sum(len(pcm) for pcm in spoken) / SPEECH_RATE
    return (time.thread_time() - began) / seconds * 1000


def first_byte(
    client: httpx.Client, path: str, body: Mapping[str, object], headers: Mapping[str, str]
) -> tuple[float, float]:
    """Seconds until the first byte of the answer's body, and until the last."""
    began = time.perf_counter()
    with client.stream("POST", path, json=body, headers=headers) as answer:
        answer.raise_for_status()
        parts = answer.iter_raw()
        next(parts)
        first = time.perf_counter() - began
        for _ in parts:
            pass
    return first, time.perf_counter() - began


def measure(running: Running, rounds: int) -> bool:
    """Print all figures; whether the limits are kept."""
    texts = [segment.text for segment in read_narration(SCRIPT).segments]
    long = " ".join(texts)[:LONG_CHARACTERS]
    with httpx.Client(base_url=running.tts, timeout=600, trust_env=False) as client:
        as_json, as_bytes = sizes(client, texts)
        print(f"FLAC in JSON beside WAV in JSON, {len(texts)} texts: {spread(as_json)}")
        print(f"FLAC as bytes beside WAV in JSON: {spread(as_bytes)}")
        spoken = clips(client, texts[:COSTED_CLIPS])
        length = sum(len(pcm) for pcm in spoken) / SPEECH_RATE
        print(f"Cost, over {length:.0f} s of audio, {rounds} rounds:")
        for to in get_args(AudioFormat):
            costs = [cost(spoken, partial(_encode, to)) for _ in range(rounds)]
            size = sum(len(_encode(to, pcm)) for pcm in spoken) / length / 1000
            print(f"  {to}: {spread(costs)} ms/s, {size:.1f} kB/s")
        costs = [cost(spoken, lambda pcm: at_speed(pcm, 1.5, SPEECH_RATE)) for _ in range(rounds)]
        print(f"  speed 1.5: {spread(costs)} ms/s")
        _first_bytes(client, long, rounds)
    return statistics.median(as_json) <= JSON_LIMIT and statistics.median(as_bytes) <= BYTES_LIMIT


def _first_bytes(client: httpx.Client, text: str, rounds: int) -> None:
    ways: dict[str, list[tuple[float, float]]] = {"whole": [], "streamed": []}
    streamed = {"model": "tts-1", "voice": "alloy", "input": text, "response_format": "mp3"}
    for _ in range(rounds):
        whole = first_byte(client, "/generate", {"text": text}, {"Accept": "audio/mpeg"})
        ways["whole"].append(whole)
        ways["streamed"].append(first_byte(client, "/v1/audio/speech", streamed, {}))
    for name, found in ways.items():
        first, last = zip(*found, strict=True)
        print(
            f"MP3 of {len(text)} characters, {name}: first byte after {spread(first)} s, "
            f"last after {spread(last)} s"
        )


def _encode(to: AudioFormat, pcm: NDArray[np.int16]) -> bytes:
    return encode(pcm, SPEECH_RATE, to)


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.formats", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_servers(Path(folder), {}) as running:
        kept = measure(running, given.rounds)
    print(f"bench.formats: {'all limits kept.' if kept else 'a limit is missed.'}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
