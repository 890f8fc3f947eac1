"""Audio as clients send it, made into what the models take: mono, 16 kHz, float32."""

from __future__ import annotations

import base64
import binascii
import io

import numpy as np
import soundfile
import soxr

from voicehost.engines.protocol import HEARING_RATE, Audio
from voicehost.errors import RequestError, TooLarge

DATA_URL_HEAD = 256
RATES = (1_000, 384_000)
MOST_CHANNELS = 16
BLOCK_SAMPLES = 262_144


def from_base64(text: str, most_seconds: float) -> Audio:
    """Decode base64 of any file that libsndfile reads. See `from_file` for the errors."""
    # A data URL's head is short; searching further would search the audio.
    head, found, _ = text[:DATA_URL_HEAD].partition(";base64,")
    start = len(head) + len(found) if found and head.startswith("data:") else 0
    try:
        packed = text[start:].encode("ascii").translate(None, b" \t\r\n\f\v")
        data = base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        raise RequestError("is not valid base64: send base64 of a WAV, FLAC or OGG file") from None
    return from_file(data, most_seconds)


def from_file(data: bytes, most_seconds: float) -> Audio:
    """Decode an audio file to mono at 16 kHz.

    Reads and resamples in small blocks and stops past `most_seconds`, whatever the file's header
    promises: memory is bounded by the result's 64 kB a second. Raises RequestError for something
    that is no audio, is empty or has an impossible format, TooLarge for more than `most_seconds`.
    """
    if not data:
        raise RequestError("is empty: send a WAV, FLAC or OGG file")
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            return _read(file, most_seconds)
    except soundfile.SoundFileError:
        raise RequestError("is not an audio file that can be read: send WAV, FLAC or OGG") from None


def _read(file: soundfile.SoundFile, most_seconds: float) -> Audio:
    rate = int(file.samplerate)
    if not RATES[0] <= rate <= RATES[1]:
        raise RequestError(f"has a sample rate of {rate} Hz; {RATES[0]} to {RATES[1]} can be read")
    if file.channels > MOST_CHANNELS:
        raise RequestError(f"has {file.channels} channels; at most {MOST_CHANNELS} can be read")
    resampler = soxr.ResampleStream(rate, HEARING_RATE, 1, dtype="float32", quality="HQ")
    parts: list[Audio] = []
    count = 0
    for block in file.blocks(BLOCK_SAMPLES // file.channels, dtype="float32", always_2d=True):
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
