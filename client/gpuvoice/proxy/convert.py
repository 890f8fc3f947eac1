"""A WAV in another format, for whoever wants a smaller file. Needs the extra `audio`."""

from __future__ import annotations

import importlib.util
import io
from functools import cache

from gpuvoice.proxy.refused import Refused

MOST_BYTES = 64 * 1024 * 1024
# libsndfile's name and subtype, and the media type.
FORMATS = {
    "flac": ("FLAC", "PCM_16", "audio/flac"),
    "mp3": ("MP3", "MPEG_LAYER_III", "audio/mpeg"),
    "ogg": ("OGG", "VORBIS", "audio/ogg"),
}
BLOCK_FRAMES = 65536
MISSING = (
    "This needs one more package where the proxy runs: pipx install 'gpuvoice[audio]' "
    "(or pip install soundfile), and start the proxy again."
)


@cache
def formats() -> list[str]:
    """What this proxy can answer with."""
    return ["wav", *FORMATS] if importlib.util.find_spec("soundfile") else ["wav"]


def converted(wav: bytes, name: str) -> tuple[bytes, str]:
    """The file and its media type. Raises Refused (400, 415)."""
    if name not in FORMATS:
        raise Refused(400, f"format: must be one of {', '.join(FORMATS)}.")
    try:
        import soundfile
    except (ImportError, OSError):
        raise Refused(415, MISSING) from None
    kind, subtype, media_type = FORMATS[name]
    target = io.BytesIO()
    try:
        with soundfile.SoundFile(io.BytesIO(wav)) as source:
            rate, channels = source.samplerate, source.channels
            with soundfile.SoundFile(target, "w", rate, channels, subtype, format=kind) as made:
                # In parts: Vorbis and MP3 encoders take much stack for one long write.
                for block in source.blocks(BLOCK_FRAMES, dtype="int16"):
                    made.write(block)
    except soundfile.LibsndfileError:
        raise Refused(400, "The body is not audio that can be read. Send a WAV file.") from None
    return target.getvalue(), media_type
