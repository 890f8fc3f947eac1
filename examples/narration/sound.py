"""Recordings as the servers exchange them: complete WAV files, mono, PCM 16-bit."""

import base64
import io
import wave
from collections.abc import Sequence
from dataclasses import dataclass

SAMPLE_RATE_HZ = 24_000
BYTES_PER_FRAME = 2


@dataclass(frozen=True)
class Recording:
    """Mono PCM 16-bit samples at 24 000 Hz."""

    pcm: bytes

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.pcm) / BYTES_PER_FRAME / SAMPLE_RATE_HZ

    def wav(self) -> bytes:
        """The recording as a complete WAV file."""
        file = io.BytesIO()
        with wave.open(file, "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(BYTES_PER_FRAME)
            writer.setframerate(SAMPLE_RATE_HZ)
            writer.writeframes(self.pcm)
        return file.getvalue()

    def base64(self) -> str:
        """The WAV file as base64 text."""
        return base64.b64encode(self.wav()).decode("ascii")


def read_wav(data: bytes) -> Recording:
    """Read a WAV file; raises ValueError unless it is 24 000 Hz, mono, PCM 16-bit."""
    try:
        with wave.open(io.BytesIO(data)) as reader:
            form = (reader.getframerate(), reader.getnchannels(), reader.getsampwidth())
            pcm = reader.readframes(reader.getnframes())
    except (wave.Error, EOFError) as error:
        raise ValueError(f"not a PCM WAV file: {error}") from error
    if form != (SAMPLE_RATE_HZ, 1, BYTES_PER_FRAME):
        raise ValueError(f"WAV of {form[0]} Hz, {form[1]} channels, {form[2] * 8} bit")
    return Recording(pcm)


def join(recordings: Sequence[Recording], gap_s: float) -> tuple[Recording, list[float]]:
    """All recordings with `gap_s` of silence between them, and the second each one starts."""
    silence = bytes(round(gap_s * SAMPLE_RATE_HZ) * BYTES_PER_FRAME)
    pcm = bytearray()
    starts: list[float] = []
    for number, recording in enumerate(recordings):
        if number:
            pcm += silence
        starts.append(len(pcm) / BYTES_PER_FRAME / SAMPLE_RATE_HZ)
        pcm += recording.pcm
    return Recording(bytes(pcm)), starts
