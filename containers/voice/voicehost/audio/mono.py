"""Decoded blocks, made into what the models take: mono, 16 kHz, float32."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import soxr
from numpy.typing import NDArray

from voicehost.engines.protocol import HEARING_RATE, Audio
from voicehost.errors import RequestError, TooLarge

RATES = (1_000, 384_000)
MOST_CHANNELS = 16
KINDS = "WAV, FLAC, OGG, MP3, M4A, MP4, WebM, AAC or WMA"
UNREADABLE = f"is not an audio file that can be read: send {KINDS}"


def check_shape(rate: int, channels: int) -> None:
    """Raises RequestError for a format that is impossible."""
    if not RATES[0] <= rate <= RATES[1]:
        raise RequestError(f"has a sample rate of {rate} Hz; {RATES[0]} to {RATES[1]} can be read")
    if not 1 <= channels <= MOST_CHANNELS:
        raise RequestError(f"has {channels} channels; at most {MOST_CHANNELS} can be read")


def mono(blocks: Iterable[NDArray[np.float32]], rate: int, most_seconds: float) -> Audio:
    """Blocks of (samples, channels) as they come out of a decoder, at `rate` Hz.

    Takes no block past `most_seconds`. Raises RequestError for samples that are no numbers and
    for none at all, TooLarge for more than `most_seconds`.
    """
    resampler = soxr.ResampleStream(rate, HEARING_RATE, 1, dtype="float32", quality="HQ")
    parts: list[Audio] = []
    count = 0
    for block in blocks:
        count += len(block)
        if count > most_seconds * rate:
            raise TooLarge(f"is longer than {most_seconds:g} seconds: cut it into shorter parts")
        if not np.isfinite(block).all():
            raise RequestError(
                "holds samples that are no numbers: save it again, as 16 bit for example"
            )
        parts.append(resampler.resample_chunk(np.ascontiguousarray(block.mean(axis=1))))
    if count == 0:
        raise RequestError("holds no samples, its length is zero: send audio with something in it")
    parts.append(resampler.resample_chunk(np.zeros(0, np.float32), last=True))
    # The resampler may round up; no time that is measured here may lie behind the file's end.
    audio = np.concatenate(parts)[: count * HEARING_RATE // rate]
    if len(audio) == 0:
        raise RequestError("is too short to hear: send at least a millisecond")
    return np.clip(audio, -1.0, 1.0, out=audio)
