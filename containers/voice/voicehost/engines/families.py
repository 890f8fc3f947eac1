"""The engine families by name."""

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
    if settings.engine == "cuda":
        from voicehost.engines.cuda.speech.voice import CudaVoice

        return CudaVoice(
            settings.tts_model,
            device=settings.device,
            speaker=settings.speaker,
            language=settings.language,
            limit_mib=settings.tts_gpu_mib,
            rows=settings.batch_rows,
            piece_characters=settings.piece_characters,
            greedy=settings.tts_greedy,
        )
    from voicehost.engines.cpu_voice import CpuVoice

    return CpuVoice()


def hearing_engines(settings: VoiceHostSettings) -> HearingEngines:
    """Transcriber and aligner of the chosen family, not loaded yet."""
    if settings.engine == "clock":
        return HearingEngines(ClockTranscriber(speed=settings.clock_speed), ClockAligner())
    if settings.engine == "cuda":
        from voicehost.engines.cuda.hearing.aligner import CudaAligner
        from voicehost.engines.cuda.hearing.transcriber import CudaTranscriber

        device, language = settings.device, settings.language
        limit_mib = settings.whisperx_gpu_mib
        return HearingEngines(
            CudaTranscriber(
                settings.asr_model,
                device=device,
                limit_mib=limit_mib,
                language=language,
                threads=_threads(settings),
            ),
            CudaAligner(
                settings.align_models,
                device=device,
                limit_mib=limit_mib,
                language=language,
                kept=settings.align_models_kept,
                most_seconds=settings.align_seconds,
            ),
        )
    from voicehost.engines.cpu_hearing import CpuAligner, CpuTranscriber

    return HearingEngines(CpuTranscriber(_threads(settings)), CpuAligner())


def _threads(settings: VoiceHostSettings) -> int:
    return settings.cpu_threads or os.cpu_count() or 1
