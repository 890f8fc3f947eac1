"""Whisper and the voice activity detection before it, from local files into memory."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from voicehost.engines.cuda.card import Card
from voicehost.engines.cuda.checkpoints import why_not
from voicehost.engines.cuda.precision import precision_for
from voicehost.engines.protocol import HEARING_RATE, LoadError

# Chunks of up to 30 s that Whisper works on at once. WhisperX's README says that 16 of them fit
# in 8 GB with large-v2: 3 GB of weights, and a tenth of that for each chunk.
MOST_CHUNKS = 16
CPU_CHUNKS = 4
CHUNK_SHARE = 0.1
# CUDA's context, voice activity detection, and a window of the aligner beside it.
SET_ASIDE_MIB = 1024
HUM_HZ = 220.0


def load_pipeline(
    folder: Path, card: Card, threads: int, before_detection: Callable[[], None]
) -> Any:
    """whisperx's pipeline. Raises LoadError.

    `before_detection()` is called before each pass of the voice activity detection; what it raises
    ends the transcription.
    """
    import whisperx
    from pyannote.audio.telemetry.metrics import set_telemetry_metrics

    # It would tell its makers how long each audio is.
    set_telemetry_metrics(False)
    ears = precision_for(card.capability).ears
    try:
        pipeline = whisperx.load_model(
            str(folder),
            "cuda" if card.on_gpu else "cpu",
            compute_type=ears,
            vad_method="pyannote",
            local_files_only=True,
            threads=threads,
        )
    except Exception as error:
        raise LoadError(_why(folder, error)) from error
    detector = pipeline.vad_model.vad_pipeline._segmentation.model
    detector.register_forward_pre_hook(lambda module, arguments: before_detection())
    return pipeline


def check_whisper(pipeline: Any, folder: Path, language: str) -> None:
    """One short transcription past the voice activity detection. Raises LoadError."""
    try:
        _check(pipeline, folder, language)
    except (RuntimeError, MemoryError) as error:
        raise LoadError(_why(folder, error)) from error


def _check(pipeline: Any, folder: Path, language: str) -> None:
    hum = 0.1 * np.sin(2 * np.pi * HUM_HZ * np.arange(HEARING_RATE) / HEARING_RATE)
    heard, _ = pipeline.model.transcribe(
        hum.astype(np.float32),
        language=language,
        beam_size=1,
        temperature=0.0,
        max_new_tokens=8,
        no_speech_threshold=None,
        without_timestamps=True,
    )
    if not all(math.isfinite(part.avg_logprob) for part in heard):
        raise LoadError(
            f"The weights in {folder} are broken: Whisper computes values that are no numbers. "
            "Fetch them again (make weights)."
        )


def chunks_that_fit(card: Card, weights_mib: int) -> int:
    """How many chunks Whisper may work on at once within the server's share of the card."""
    if not card.on_gpu:
        return CPU_CHUNKS
    left = card.limit_mib - weights_mib - SET_ASIDE_MIB
    return max(1, min(MOST_CHUNKS, int(left / (weights_mib * CHUNK_SHARE + 1))))


def _why(folder: Path, error: BaseException) -> str:
    return why_not(folder, error, kind="Whisper", limit="VOICE_WHISPERX_GPU_MIB")
