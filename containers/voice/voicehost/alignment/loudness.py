"""Where an audio holds sound at all, from its energy alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FRAME_SECONDS = 0.01
SILENCE_DBFS = -60.0
BELOW_PEAK_DB = 45.0
PAUSE_FRAMES = 15


class Loudness:
    """Energy of mono float audio (-1..1, `rate` in Hz) in frames of 10 ms.

    Sound is a frame above -60 dBFS and at most 45 dB below the loudest frame.
    """

    def __init__(self, samples: NDArray[np.float32], rate: int) -> None:
        size = max(1, round(rate * FRAME_SECONDS))
        count = len(samples) // size
        frames = samples[: count * size].reshape(count, size).astype(np.float64)
        level = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-12)
        floor = max(SILENCE_DBFS, float(level.max()) - BELOW_PEAK_DB) if count else 0.0
        self._level = level
        self._sound: NDArray[np.bool_] = level > floor

    def speech(self) -> tuple[float, float] | None:
        """Seconds of the first and the last sound; None for silence."""
        frames = np.flatnonzero(self._sound)
        if not len(frames):
            return None
        return float(frames[0] * FRAME_SECONDS), float((frames[-1] + 1) * FRAME_SECONDS)

    def quietest(self, start: float, end: float) -> float:
        """The middle of the quietest 0.15 s between two times, all in seconds."""
        first = int(start / FRAME_SECONDS)
        levels = np.maximum(self._level[first : int(end / FRAME_SECONDS)], SILENCE_DBFS)
        if len(levels) < PAUSE_FRAMES:
            return end
        smooth = np.convolve(levels, np.ones(PAUSE_FRAMES), mode="valid")
        return float((first + int(smooth.argmin()) + PAUSE_FRAMES / 2) * FRAME_SECONDS)

    def sounds(self, start: float, end: float) -> bool:
        """Whether there is any sound between two times in seconds."""
        first, last = int(start / FRAME_SECONDS), int(np.ceil(end / FRAME_SECONDS))
        return bool(self._sound[first:last].any())
