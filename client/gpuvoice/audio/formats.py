"""Formats of files: those that the server writes, and WAV as FLAC, MP3 or OGG, by libsndfile (the
package's extra `audio`)."""

from __future__ import annotations

import io
from importlib.util import find_spec

from gpuvoice.errors import GpuVoiceError, MissingExtra

# Format and subtype of libsndfile.
_KINDS = {"flac": ("FLAC", "PCM_16"), "mp3": ("MP3", "MPEG_LAYER_III"), "ogg": ("OGG", "VORBIS")}
FORMATS = ("wav", *_KINDS)
# By a file's ending, what the server calls it.
OF_SERVER = {
    "wav": "wav",
    "flac": "flac",
    "mp3": "mp3",
    "ogg": "opus",
    "opus": "opus",
    "aac": "aac",
}


def formats() -> tuple[str, ...]:
    """Those that can be written here."""
    return FORMATS if find_spec("soundfile") else FORMATS[:1]


def encoded(wav: bytes, kind: str) -> bytes:
    """A WAV file in another of the FORMATS. Raises MissingExtra, or GpuVoiceError if it is none."""
    if kind == "wav":
        return wav
    try:
        import soundfile
    except ImportError:
        raise MissingExtra("audio", f"Writing {kind.upper()}") from None
    major, subtype = _KINDS[kind]
    out = io.BytesIO()
    try:
        samples, rate = soundfile.read(io.BytesIO(wav), dtype="int16", always_2d=True)
        soundfile.write(out, samples, rate, format=major, subtype=subtype)
    except soundfile.LibsndfileError as error:
        raise GpuVoiceError(f"This audio cannot be written as {kind.upper()}: {error}") from None
    return out.getvalue()
