"""GPU Voice from Python: speech, transcription and word times from a GPU that sleeps when idle."""

from __future__ import annotations

from gpuvoice.config import ClientConfig
from gpuvoice.errors import (
    ConfigError,
    GpuVoiceError,
    KeyRefused,
    MissingExtra,
    NotReady,
    PowerMissing,
    RequestRefused,
    ServerFailed,
    Unreachable,
    VerificationFailed,
)
from gpuvoice.http import Patience
from gpuvoice.jobs import Jobs
from gpuvoice.narrated import Marker, Narrated
from gpuvoice.power import Power, PowerStatus
from gpuvoice.recognition import Recognition
from gpuvoice.results import Alignment, Clip, Transcription, Word
from gpuvoice.speech import Speech
from gpuvoice.version import __version__
from gpuvoice.waiting import Waiting

__all__ = [
    "Alignment", "ClientConfig", "Clip", "ConfigError", "GpuVoiceError", "Jobs", "KeyRefused",
    "Marker", "MissingExtra", "Narrated", "NotReady", "Patience", "Power", "PowerMissing",
    "PowerStatus", "Recognition", "RequestRefused", "ServerFailed", "Speech", "Transcription",
    "Unreachable", "VerificationFailed", "Waiting", "Word", "__version__",
]  # fmt: skip
