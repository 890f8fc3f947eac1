"""32 callers for a minute: what the servers deliver, beside the engines called directly.

A (the engine alone) and B (the server under load) take turns in one run, since these machines
are noisy; goodput is seconds of audio, spoken or heard, per second.
"""

from __future__ import annotations

import json
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import soxr

from bench.clients import Job, health_times, json_job, run_clients
from voicehost.audio.wav import wav_base64
from voicehost.engines.cpu_hearing import CpuTranscriber
from voicehost.engines.cpu_voice import CpuVoice
from voicehost.engines.protocol import (
    HEARING_RATE,
    SPEECH_RATE,
    Engine,
    SpeechInput,
    TranscribeInput,
)
from voicehost.queueing.batch import Batch
from voicehost.queueing.ticket import Ticket

NARRATION = Path(__file__).parents[1] / "examples/narration.json"
GOODPUT_LIMIT = 0.85
HEALTH_LIMIT_MS = 100.0


@dataclass
class Result:
    """One server's figures over all rounds."""

    name: str
    direct: list[float]
    served: list[float]
    statuses: Counter[str]
    failures: int
    health: list[float]

    @property
    def ratios(self) -> list[float]:
        return [b / a for a, b in zip(self.direct, self.served, strict=True)]

    @property
    def health_p99_ms(self) -> float:
        return 1000 * statistics.quantiles(self.health, n=100)[98]

    def misses(self) -> list[str]:
        """The limits that were missed, in words."""
        ratio = statistics.median(self.ratios)
        return [
            text
            for missed, text in (
                (self.failures > 0, f"{self.failures} failed requests"),
                (ratio < GOODPUT_LIMIT, f"goodput {ratio:.0%} of the engine's"),
                (self.health_p99_ms > HEALTH_LIMIT_MS, f"/health p99 {self.health_p99_ms:.0f} ms"),
            )
            if missed
        ]

    def report(self) -> str:
        direct, served = statistics.median(self.direct), statistics.median(self.served)
        ratios = sorted(self.ratios)
        return (
            f"{self.name}: engine alone {direct:.1f} audio s/s, served {served:.1f} audio s/s, "
            f"ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}); "
            f"answers {dict(self.statuses)}; "
            f"/health p50 {1000 * statistics.median(self.health):.1f} ms, p99 "
            f"{self.health_p99_ms:.1f} ms over {len(self.health)} calls"
        )


def load(engine: Engine) -> Engine:
    engine.load(lambda what, fraction: None)
    run_one(engine, engine.sample())
    return engine


def run_one(engine: Engine, payload: Any) -> Any:
    ticket = Ticket([payload], key="")
    engine.run(Batch(ticket.works))
    return ticket.outcomes()[0]


def direct_rate(
    engine: Engine, payloads: Sequence[Any], units: Sequence[float], seconds: float
) -> float:
    """Units per second of the engine alone, one input after the other."""
    done, index, began = 0.0, 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        run_one(engine, payloads[index % len(payloads)])
        done += units[index % len(payloads)]
        index += 1
    return done / (time.perf_counter() - began)


def measure(
    name: str, url: str, engine: Engine, payloads: Sequence[Any], jobs: Sequence[Job],
    *, clients: int, seconds: float, rounds: int,
) -> Result:  # fmt: skip
    """Rounds of A then B; `seconds` is the time under load, all rounds together."""
    units = [job.units for job in jobs]
    result = Result(name, [], [], Counter(), 0, [])
    for _ in range(rounds):
        result.direct.append(direct_rate(engine, payloads, units, seconds / rounds / 2))
        with health_times(url) as health:
            tally = run_clients(url, jobs, clients, seconds / rounds)
        result.served.append(tally.rate)
        result.statuses += tally.statuses
        result.failures += tally.failures
        result.health += health
    return result


def measure_both(
    tts: str, whisperx: str, *, clients: int, seconds: float, rounds: int
) -> list[Result]:
    texts = [part["text"] for part in json.loads(NARRATION.read_text(encoding="utf-8"))["segments"]]
    voice = load(CpuVoice())
    spoken = [SpeechInput(text) for text in texts]
    clips = [run_one(voice, each) for each in spoken]
    speak = [
        json_job("/generate", {"text": text}, len(clip) / SPEECH_RATE)
        for text, clip in zip(texts, clips, strict=True)
    ]
    heard = [TranscribeInput(soxr.resample(clip, SPEECH_RATE, HEARING_RATE)) for clip in clips]
    hear = [
        json_job("/transcribe", {"audio": wav_base64(clip, SPEECH_RATE)}, len(clip) / SPEECH_RATE)
        for clip in clips
    ]
    amount: dict[str, Any] = {"clients": clients, "seconds": seconds, "rounds": rounds}
    return [
        measure("text to speech", tts, voice, spoken, speak, **amount),
        measure("transcription", whisperx, load(CpuTranscriber(2)), heard, hear, **amount),
    ]
