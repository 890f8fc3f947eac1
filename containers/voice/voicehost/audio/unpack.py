"""The sound of a container file, from standard input to standard output, under limits.

`python -m voicehost.audio.unpack MOST_SECONDS BYTES` writes mono float32 at 16 kHz, or a
sentence on standard error and the status REFUSED or TOO_LARGE. See `apart`.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import pkgutil
import resource
import sys
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

import av
import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from voicehost.audio.apart import REFUSED, TOO_LARGE
from voicehost.audio.mono import UNREADABLE, check_shape, mono
from voicehost.engines.protocol import Audio
from voicehost.errors import RequestError, TooLarge

# Playlists and other formats that name further files are not among them.
FORMATS = "mov,mp4,m4a,matroska,webm,aac,mp3,ogg,flac,wav,w64,asf,amr,aiff,caf"
CODECS = (
    "aac,ac3,eac3,alac,amrnb,amrwb,libopencore_amrnb,libopencore_amrwb,flac,mp2,mp2float,mp3,"
    "mp3float,opus,libopus,vorbis,wmav1,wmav2,wmapro,wmalossless,wmavoice,adpcm_ima_qt,"
    "adpcm_ima_wav,adpcm_ms,gsm,gsm_ms,pcm_alaw,pcm_mulaw,pcm_u8,pcm_s8,pcm_s16le,pcm_s16be,"
    "pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be"
)
OPTIONS = {
    "format_whitelist": FORMATS,
    "codec_whitelist": CODECS,
    "protocol_whitelist": "none",
    "max_streams": "32",
}
DAMAGED = "is damaged: save or convert it again"
MIB = 1024 * 1024
# Several times what a slow machine takes to start and to decode a second of sound, and fewer bytes
# than any kind of sound takes for one.
START_CPU_SECONDS = 20
CPU_SECONDS_EACH = 0.02
BYTES_A_SECOND = 500
CHUNK_BYTES = MIB
# More packets than this for each one that can be decoded, and the file is damaged.
MOST_BROKEN = 0.1
# After so many broken ones that is clear before the file's end: junk costs little.
BROKEN_ENOUGH = 200
# Requests that are under way come first.
NICE = 10


def main() -> int:
    most_seconds, size = float(sys.argv[1]), int(sys.argv[2])
    # PyAV imports the rest of itself with the first file, when no file can be opened any more.
    for module in pkgutil.walk_packages(av.__path__, "av."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    _limit(size, most_seconds)
    try:
        audio = unpack(_all(sys.stdin.buffer), most_seconds)
    except RequestError as error:
        sys.stderr.write(error.message)
        return TOO_LARGE if isinstance(error, TooLarge) else REFUSED
    except MemoryError:
        sys.stderr.write(UNREADABLE)
        return REFUSED
    sys.stdout.buffer.write(audio.data)
    return 0


def unpack(file: BinaryIO, most_seconds: float) -> Audio:
    """The first sound of a container as mono at 16 kHz. Raises RequestError, TooLarge."""
    try:
        with av.open(file, "r", metadata_errors="replace", options=OPTIONS) as container:
            if not container.streams.audio:
                raise RequestError(f"holds no sound: send {UNREADABLE.rpartition('send ')[2]}")
            frames = _frames(container)
            first = next(frames, None)
            if first is None:
                raise RequestError(UNREADABLE)
            rate = first.sample_rate
            check_shape(rate, first.layout.nb_channels)
            return mono((_block(frame, rate) for frame in chain([first], frames)), rate,
                        most_seconds)  # fmt: skip
    except av.FFmpegError:
        raise RequestError(UNREADABLE) from None


def _frames(container: av.container.InputContainer) -> Iterator[AudioFrame]:
    """What can be decoded; a few damaged packets are left out, as players do."""
    stream = container.streams.audio[0]
    # None where FFmpeg knows no decoder for what the file says it is.
    codec = getattr(stream.codec_context, "name", None)
    if codec not in CODECS.split(","):
        raise RequestError(UNREADABLE)
    broken = decoded = 0
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.FFmpegError:
            broken += 1
            if broken > BROKEN_ENOUGH and broken > MOST_BROKEN * decoded:
                raise RequestError(DAMAGED) from None
            continue
        decoded += len(frames)
        yield from frames
    if broken > MOST_BROKEN * decoded:
        raise RequestError(DAMAGED)


def _block(frame: AudioFrame, rate: int) -> NDArray[np.float32]:
    """A frame as (samples, channels), -1 to 1."""
    channels = frame.layout.nb_channels
    if frame.sample_rate != rate or channels < 1:
        raise RequestError("changes its sample rate on the way: convert it to WAV or MP3")
    raw = frame.to_ndarray()
    block = raw.T if frame.format.is_planar else raw.reshape(-1, channels)
    if block.dtype.kind == "u":
        return (block.astype(np.float32) - 128.0) / 128.0
    if block.dtype.kind == "i":
        return block.astype(np.float32) / float(2 ** (8 * block.dtype.itemsize - 1))
    return block.astype(np.float32)


def _all(file: BinaryIO) -> io.BytesIO:
    read = io.BytesIO()
    while chunk := file.read(CHUNK_BYTES):
        read.write(chunk)
    read.seek(0)
    return read


def _limit(size: int, most_seconds: float) -> None:
    """Memory, time, and no further file or connection, whatever the libraries try."""
    os.nice(NICE)
    memory = 640 * MIB + 2 * size + int(most_seconds * 64_000 * 3)
    seconds = min(most_seconds, size / BYTES_A_SECOND)
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: START_CPU_SECONDS + int(seconds * CPU_SECONDS_EACH),
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 3,
    }
    for what, most in limits.items():
        with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of address space
            resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    raise SystemExit(main())
