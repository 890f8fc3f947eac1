"""What one server is made of; the endpoints are given this and nothing else."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from voicehost.engines.protocol import Speaker
from voicehost.key_store import KeyStore
from voicehost.queueing.scheduler import Scheduler
from voicehost.settings import VoiceHostSettings
from voicehost.telemetry.activity import Activity
from voicehost.telemetry.batches import Batches
from voicehost.telemetry.metrics import Metrics
from voicehost.web.gate import Gate

if TYPE_CHECKING:
    from voicehost.aws.results_bucket import ResultsBucket
    from voicehost.blobs.protocol import Blobs
    from voicehost.jobs.jobs import Jobs
    from voicehost.memory.store import AudioStore
    from voicehost.neighbour.server import Neighbour

Server = Literal["tts", "whisperx"]


@dataclass(frozen=True, slots=True)
class Host:
    """`schedulers` holds one per model, by what it does: speak, or transcribe and align.
    `samples` says that the voice gives another take for another seed; `voices` are the names that
    a request may choose. `blobs` is where jobs and the audio store are kept, where there is a
    place.
    """

    server: Server
    settings: VoiceHostSettings
    keys: KeyStore
    schedulers: Mapping[str, Scheduler]
    activity: Activity
    batches: Batches
    metrics: Metrics
    gate: Gate
    speaker: Speaker | None = None
    voices: Sequence[str] = ()
    samples: bool = False
    results: ResultsBucket | None = None
    neighbour: Neighbour | None = None
    blobs: Blobs | None = None
    memory: AudioStore | None = None
    jobs: Jobs | None = None

    @property
    def ready(self) -> bool:
        """Whether work is done and callers can be told apart."""
        return self.models_ready and self.keys.ready

    @property
    def models_ready(self) -> bool:
        return all(scheduler.progress.ready for scheduler in self.schedulers.values())

    def start(self) -> None:
        """Start fetching keys, loading the models, writing metrics, and going on with jobs."""
        self.keys.start()
        for scheduler in self.schedulers.values():
            scheduler.start(_end_process)
        if self.memory is not None:
            self.memory.start()
        self.metrics.start(self.settings.metrics_seconds)
        if self.jobs is not None:
            self.jobs.start()

    def close(self) -> None:
        if self.jobs is not None:
            self.jobs.close()
        for scheduler in self.schedulers.values():
            scheduler.close()
        self.keys.close()
        if self.results is not None:
            self.results.close()
        if self.memory is not None:
            self.memory.close()
        self.metrics.close()


def _end_process(status: int) -> None:
    # sys.exit() would end this thread alone and leave a server that takes work and does none.
    logging.shutdown()
    os._exit(status)
