"""Recordings as the servers give them: complete WAV files, mono, PCM 16-bit."""

from __future__ import annotations

import array
import io
import wave
from collections.abc import Sequence
from dataclasses import dataclass

from gpuvoice.errors import ServerFailed

SAMPLE_RATE_HZ = 24_000
BYTES_PER_FRAME = 2
# About -54 dBFS: below it nobody hears speech.
SILENT_PEAK = 64


@dataclass(frozen=True)
class Recording:
    """Mono PCM 16-bit samples."""

    pcm: bytes
    rate: int = SAMPLE_RATE_HZ

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.pcm) / BYTES_PER_FRAME / self.rate

    @property
    def silent(self) -> bool:
        """Whether nothing can be heard in it."""
        samples = array.array("h", self.pcm)
        return not samples or max(max(samples), -min(samples)) < SILENT_PEAK

    def wav(self) -> bytes:
        """The recording as a complete WAV file."""
        file = io.BytesIO()
        with wave.open(file, "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(BYTES_PER_FRAME)
            writer.setframerate(self.rate)
            writer.writeframes(self.pcm)
        return file.getvalue()


def read_wav(data: bytes) -> Recording:
    """Read a WAV file; raises ServerFailed unless it is mono PCM 16-bit."""
    try:
        with wave.open(io.BytesIO(data)) as reader:
            rate, form = reader.getframerate(), (reader.getnchannels(), reader.getsampwidth())
            pcm = reader.readframes(reader.getnframes())
    except (wave.Error, EOFError):
        raise ServerFailed("The server sent audio that is not a WAV file.") from None
    if form != (1, BYTES_PER_FRAME) or rate <= 0 or len(pcm) % BYTES_PER_FRAME:
        raise ServerFailed("The server sent audio that is not mono with 16 bit.")
    return Recording(pcm, rate)


def join(recordings: Sequence[Recording], gap_s: float) -> tuple[Recording, list[float]]:
    """All recordings with `gap_s` of silence between them, and the second each one starts.

    Raises ServerFailed when their sample rates differ.
    """
    rates = {recording.rate for recording in recordings}
    if len(rates) > 1:
        raise ServerFailed("The clips have different sample rates: they cannot be joined.")
    rate = rates.pop() if rates else SAMPLE_RATE_HZ
    silence = bytes(round(gap_s * rate) * BYTES_PER_FRAME)
    pcm = bytearray()
    starts: list[float] = []
    for number, recording in enumerate(recordings):
        if number:
            pcm += silence
        starts.append(len(pcm) / BYTES_PER_FRAME / rate)
        pcm += recording.pcm
    return Recording(bytes(pcm), rate), starts
