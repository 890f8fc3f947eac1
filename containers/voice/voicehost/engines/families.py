"""The engine families by name. A family for NVIDIA GPUs (`cuda`) takes its place here."""

from __future__ import annotations

import os

from voicehost.engines.clock import ClockAligner, ClockTranscriber, ClockVoice
from voicehost.engines.protocol import HearingEngines, SpeechEngine
from voicehost.engines.step_cost import CURVES
from voicehost.settings import VoiceHostSettings


def speech_engine(settings: VoiceHostSettings) -> SpeechEngine:
    """The voice of the chosen family, not loaded yet."""
    if settings.engine == "clock":
        return ClockVoice(
            CURVES[settings.clock_curve], rows=settings.batch_rows, speed=settings.clock_speed
        )
    from voicehost.engines.cpu_voice import CpuVoice

    return CpuVoice()


def hearing_engines(settings: VoiceHostSettings) -> HearingEngines:
    """Transcriber and aligner of the chosen family, not loaded yet."""
    if settings.engine == "clock":
        return HearingEngines(ClockTranscriber(speed=settings.clock_speed), ClockAligner())
    from voicehost.engines.cpu_hearing import CpuAligner, CpuTranscriber

    return HearingEngines(CpuTranscriber(_threads(settings)), CpuAligner())


def _threads(settings: VoiceHostSettings) -> int:
    return settings.cpu_threads or os.cpu_count() or 1
