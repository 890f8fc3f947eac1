"""What can be told of a WAV file without hearing it."""

from __future__ import annotations

import array
import base64
import binascii
import io
import math
import sys
import wave
from dataclasses import dataclass
from operator import mul

from operate.failures import CommandError

FRAME_SECONDS = 0.02
SILENT_DECIBELS = -45.0
LOUDEST = 32767


@dataclass(frozen=True, slots=True)
class Sound:
    """`silence` is the share of 20 ms frames below -45 dB, `clipped` that of samples at the end of
    their range."""

    rate: int
    channels: int
    bits: int
    seconds: float
    silence: float
    clipped: float


def read_sound(text: str) -> Sound:
    """A base64 WAV. Raises CommandError for anything else."""
    try:
        with wave.open(io.BytesIO(base64.b64decode(text, validate=True))) as file:
            rate, channels = file.getframerate(), file.getnchannels()
            bits = 8 * file.getsampwidth()
            data = file.readframes(file.getnframes())
    except (wave.Error, EOFError, binascii.Error) as error:
        raise CommandError(f"the slot sent speech that is no WAV file: {error}") from None
    if bits != 16:
        return Sound(rate, channels, bits, len(data) * 8 / bits / channels / rate, 0.0, 0.0)
    samples = array.array("h", data)
    if sys.byteorder == "big":
        samples.byteswap()
    seconds = len(samples) / channels / rate
    clipped = sum(map(LOUDEST.__le__, map(abs, samples))) / max(1, len(samples))
    return Sound(rate, channels, bits, seconds, _silence(samples, rate * channels), clipped)


def _silence(samples: array.array[int], a_second: int) -> float:
    size = max(1, int(a_second * FRAME_SECONDS))
    limit = size * (10 ** (SILENT_DECIBELS / 20) * LOUDEST) ** 2
    frames = math.ceil(len(samples) / size)
    pieces = (samples[start : start + size] for start in range(0, len(samples), size))
    quiet = sum(sum(map(mul, piece, piece)) < limit for piece in pieces)
    return quiet / frames if frames else 1.0
