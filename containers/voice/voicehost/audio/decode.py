"""Audio as clients send it, made into what the models take: mono, 16 kHz, float32."""

from __future__ import annotations

import base64
import binascii
import io
import threading

import soundfile

from voicehost.audio.apart import unpack_apart
from voicehost.audio.mono import KINDS, check_shape, mono
from voicehost.engines.protocol import HEARING_RATE, Audio
from voicehost.errors import QueueFull, RequestError

DATA_URL_HEAD = 256
BLOCK_SAMPLES = 262_144
SAMPLE_BYTES = 4
# Speech at 16 kbit/s; what is packed tighter takes more memory than expected.
FEW_BYTES_A_SECOND = 2000
# Each has a process of its own, which may take hundreds of MB for a hostile file.
APART_AT_ONCE = 4
APART_WAIT_SECONDS = 30.0
APART_RETRY_SECONDS = 10
APART_FULL = (
    "The server decodes as many files as it can. Try again in a moment, or send WAV, FLAC, OGG or "
    "MP3."
)

_apart = threading.BoundedSemaphore(APART_AT_ONCE)


def from_base64(text: str, most_seconds: float) -> Audio:
    """Decode base64 of an audio file. See `from_file` for the kinds and the errors."""
    return from_file(unpacked(text), most_seconds)


def unpacked(text: str) -> bytes:
    """The file in base64 or a data URL. Raises RequestError."""
    # A data URL's head is short; searching further would search the audio.
    head, found, _ = text[:DATA_URL_HEAD].partition(";base64,")
    start = len(head) + len(found) if found and head.startswith("data:") else 0
    try:
        packed = text[start:].encode("ascii").translate(None, b" \t\r\n\f\v")
        return base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        raise RequestError(f"is not valid base64: send base64 of a {KINDS} file") from None


def bytes_expected(data: bytes, most_seconds: float) -> int:
    """Memory that a file's audio will take, by its header or, where that says nothing, its size."""
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            seconds = file.frames / max(file.samplerate, 1)
    except soundfile.SoundFileError:
        seconds = len(data) / FEW_BYTES_A_SECOND
    return int(min(seconds, most_seconds) * HEARING_RATE) * SAMPLE_BYTES


def from_file(data: bytes, most_seconds: float) -> Audio:
    """Decode an audio file, or the sound of a film, to mono at 16 kHz.

    Reads and resamples in small blocks and stops past `most_seconds`, whatever the file's header
    promises: memory is bounded by the result's 64 kB a second. What libsndfile cannot read is
    given to FFmpeg's libraries, in a process of its own. Raises RequestError for something that
    is no audio, is empty or has an impossible format, TooLarge for more than `most_seconds`,
    QueueFull where too many such processes are under way.
    """
    if not data:
        raise RequestError(f"is empty: send a {KINDS} file")
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            rate, channels = int(file.samplerate), int(file.channels)
            check_shape(rate, channels)
            size = BLOCK_SAMPLES // channels
            return mono(file.blocks(size, dtype="float32", always_2d=True), rate, most_seconds)
    except soundfile.SoundFileError:
        pass
    if not _apart.acquire(timeout=APART_WAIT_SECONDS):
        raise QueueFull(APART_FULL, retry_after=APART_RETRY_SECONDS)
    try:
        return unpack_apart(data, most_seconds)
    finally:
        _apart.release()
