"""What one server is made of; the endpoints are given this and nothing else."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from voicehost.engines.protocol import Speaker
from voicehost.keys import KeyRing
from voicehost.queueing.scheduler import Scheduler
from voicehost.settings import VoiceHostSettings
from voicehost.telemetry.activity import Activity
from voicehost.telemetry.metrics import Metrics
from voicehost.web.gate import Gate

Server = Literal["tts", "whisperx"]


@dataclass(frozen=True, slots=True)
class Host:
    """`schedulers` holds one per model, by what it does: speak, or transcribe and align."""

    server: Server
    settings: VoiceHostSettings
    keys: KeyRing
    schedulers: Mapping[str, Scheduler]
    activity: Activity
    metrics: Metrics
    gate: Gate
    speaker: Speaker | None = None

    @property
    def ready(self) -> bool:
        return all(scheduler.progress.ready for scheduler in self.schedulers.values())

    def start(self) -> None:
        """Start loading the models and writing metrics."""
        for scheduler in self.schedulers.values():
            scheduler.start(_end_process)
        self.metrics.start(self.settings.metrics_seconds)

    def close(self) -> None:
        for scheduler in self.schedulers.values():
            scheduler.close()
        self.metrics.close()


def _end_process(status: int) -> None:
    # sys.exit() would end this thread alone and leave a server that takes work and does none.
    logging.shutdown()
    os._exit(status)
