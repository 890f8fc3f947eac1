"""Clips as files in the formats that callers ask for."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Literal

import numpy as np
import soundfile
from numpy.typing import NDArray

from voicehost import results
from voicehost.audio import coder
from voicehost.audio.wav import wav_file

AudioFormat = Literal["wav", "flac", "mp3", "opus", "aac", "pcm"]
# What a file of that format is called: Opus comes in Ogg.
ENDINGS: Mapping[AudioFormat, results.Ending] = {
    "wav": "wav",
    "flac": "flac",
    "mp3": "mp3",
    "opus": "ogg",
    "aac": "aac",
    "pcm": "pcm",
}
CONTENT_TYPES: Mapping[AudioFormat, str] = {
    to: results.CONTENT_TYPES[ending] for to, ending in ENDINGS.items()
}
# The most that libFLAC does; it still takes less than a thousandth of the clip's own time.
SMALLEST = 1.0


def encode(pcm: NDArray[np.int16], sample_rate: int, to: AudioFormat) -> bytes:
    """A complete file of mono samples: its header says how long it is, where the format has one.

    The same samples give the same bytes. WAV and FLAC keep every sample; Opus is decoded at 48
    kHz and AAC is stored at it.
    """
    if to == "pcm":
        return pcm.astype("<i2", copy=False).tobytes()
    if to == "wav":
        return wav_file(pcm, sample_rate)
    out = io.BytesIO()
    if to == "flac":
        soundfile.write(
            out, pcm, sample_rate, format="FLAC", subtype="PCM_16", compression_level=SMALLEST
        )
        return out.getvalue()
    file = coder.Coder(to, sample_rate, out)
    file.add(pcm)
    file.end()
    return out.getvalue()
