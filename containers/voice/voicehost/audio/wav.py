"""Samples to WAV files."""

from __future__ import annotations

import base64
import io
import wave

import numpy as np
from numpy.typing import NDArray


def pcm16(audio: NDArray[np.float32]) -> NDArray[np.int16]:
    """Samples of 16 bit; what is beyond -1 to 1 is clipped."""
    return (np.clip(audio, -1.0, 1.0) * 32767.0).astype(np.int16)


def wav_file(pcm: NDArray[np.int16], sample_rate: int) -> bytes:
    """A complete mono WAV file, PCM 16 bit."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(pcm.astype("<i2", copy=False).tobytes())
    return out.getvalue()


def wav_bytes(audio: NDArray[np.float32], sample_rate: int) -> bytes:
    """A complete mono WAV file, PCM 16 bit. Samples beyond -1 to 1 are clipped."""
    return wav_file(pcm16(audio), sample_rate)


def wav_base64(audio: NDArray[np.float32], sample_rate: int) -> str:
    return in_base64(wav_bytes(audio, sample_rate))


def in_base64(file: bytes) -> str:
    return base64.b64encode(file).decode("ascii")
