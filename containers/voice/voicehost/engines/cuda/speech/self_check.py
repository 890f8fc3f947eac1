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
MORE_ROWS = 4
TEXT = SpeechInput("Ready.")
QUIETEST = 1e-5


def check(speak: Speak, device: str, precision: Precision) -> None:
    """Speak one short text. Raises LoadError when what comes out is no sound."""
    utterances = _utterances(1, device)
    audio = speak([TEXT], utterances)[0]
    if any(utterances.broken) or not np.isfinite(audio).all():
        raise LoadError(
            f"The voice computes no finite numbers in {precision.talker} with its code predictor "
            f"in {precision.predictor}. The weights are damaged, or this GPU needs other formats."
        )
    if np.abs(audio).max(initial=0.0) < QUIETEST:
        raise LoadError("The voice is silent: its weights are damaged or are not a voice.")


def measure(speak: Speak, device: str, peak: Peak) -> Measured:
    """What one row keeps on the GPU for each of its frames: from the peaks of one row and of
    several, equally long. The voice notes `peak` when it has generated and not decoded yet.
    """
    import torch

    def generating(rows: int) -> int:
        peak.begin()
        speak([TEXT] * rows, _utterances(rows, device))
        return peak.allocated

    model = int(torch.cuda.memory_allocated())
    one, several = generating(1), generating(1 + MORE_ROWS)
    return Measured(model=model, frame=(several - one) / (MORE_ROWS * FRAMES))


def _utterances(rows: int, device: str) -> Utterances:
    return Utterances(
        [FRAMES] * rows, [0] * rows, lambda frame: [True] * rows, device=device, endless=True
    )
