"""Audio files of any format as a player hears them."""

from __future__ import annotations

import io

import av
import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]


def decoded(file: bytes) -> tuple[NDArray[np.float64], int]:
    """Samples from -1 to 1, and their rate."""
    with av.open(io.BytesIO(file), "r") as opened:
        stream = opened.streams.audio[0]
        whole = np.concatenate([frame.to_ndarray().reshape(-1) for frame in opened.decode(stream)])
        loudest = 32767.0 if whole.dtype == np.int16 else 1.0
        return whole.astype(np.float64) / loudest, int(stream.rate)
