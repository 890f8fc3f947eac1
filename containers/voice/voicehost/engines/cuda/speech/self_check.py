"""Before a voice is called ready: does it compute numbers, and how much memory does it take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from voicehost.engines.cuda.memory import Measured, Peak
from voicehost.engines.cuda.precision import Precision
from voicehost.engines.cuda.speech.steering import Utterances
from voicehost.engines.protocol import LoadError, SpeechInput

Speak = Callable[[Sequence[SpeechInput], Utterances], list[Any]]

FRAMES = 12
MEASURED_ROWS, SHORT, LONG = 4, 8, 24
TEXT = SpeechInput("Ready.")
QUIETEST = 1e-5


def check(speak: Speak, device: str, precision: Precision) -> None:
    """Speak one short text. Raises LoadError when what comes out is no sound."""
    utterances = _utterances(1, FRAMES, device)
    audio = speak([TEXT], utterances)[0]
    if audio is None:
        raise LoadError(
            "The GPU memory of this server holds the model and not one spoken text. Raise "
            "VOICE_TTS_GPU_MIB, or take a larger card."
        )
    if any(utterances.broken) or not np.isfinite(audio).all():
        raise LoadError(
            f"The voice computes no finite numbers in {precision.talker} with its code predictor "
            f"in {precision.predictor}. The weights are damaged, or this GPU needs other formats."
        )
    if np.abs(audio).max(initial=0.0) < QUIETEST:
        raise LoadError("The voice is silent: its weights are damaged or are not a voice.")


def measure(speak: Speak, device: str, peak: Peak) -> Measured:
    """What one row keeps on the GPU for each of its frames: from the peaks of equally many rows,
    shorter and longer. The voice notes `peak` when it has generated and not decoded yet.
    """
    import torch

    def generating(frames: int) -> int:
        peak.begin()
        speak([TEXT] * MEASURED_ROWS, _utterances(MEASURED_ROWS, frames, device))
        return peak.allocated

    model = int(torch.cuda.memory_allocated())
    shorter, longer = generating(SHORT), generating(LONG)
    return Measured(model=model, frame=(longer - shorter) / (MEASURED_ROWS * (LONG - SHORT)))


def _utterances(rows: int, frames: int, device: str) -> Utterances:
    return Utterances(
        [frames] * rows, [0] * rows, lambda frame: [True] * rows, device=device, endless=True
    )
