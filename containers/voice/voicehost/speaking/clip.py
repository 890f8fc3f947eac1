"""What a text became."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voicehost.engines.protocol import SPEECH_RATE

Pcm = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Clip:
    """Mono `pcm` at 24 kHz, 16 bit; `seed` gives this take again; `complete` is False where the
    model found no end; `reused` says that it came from the audio store."""

    pcm: Pcm
    seed: int
    complete: bool = True
    reused: bool = False

    @property
    def seconds(self) -> float:
        return len(self.pcm) / SPEECH_RATE

    def take(self) -> dict[str, Any]:
        """How it came to be, as answers say it."""
        return {
            "finish_reason": "stop" if self.complete else "length",
            "seed": self.seed,
            "reused": self.reused,
        }
