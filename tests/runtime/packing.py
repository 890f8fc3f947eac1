"""Sounds and pictures in the containers that phones, browsers and editors write."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import cast

import av
import numpy as np
from numpy.typing import NDArray

# Name of the kind: container, codec and rate.
KINDS = {
    "m4a": ("ipod", "aac", 44_100),
    "mp4": ("mp4", "aac", 48_000),
    "mov": ("mov", "alac", 44_100),
    "webm": ("webm", "libopus", 48_000),
    "aac": ("adts", "aac", 24_000),
    "wma": ("asf", "wmav2", 44_100),
    "mp3": ("mp3", "libmp3lame", 44_100),
    "mkv": ("matroska", "pcm_s16le", 32_000),
}


def tone(seconds: float, rate: int) -> NDArray[np.float32]:
    """440 Hz at half the full level."""
    return (0.5 * np.sin(2 * np.pi * 440 * np.arange(round(rate * seconds)) / rate)).astype("f4")


def packed(
    kind: str,
    audio: NDArray[np.float32] | None = None,
    *,
    rate: int | None = None,
    channels: int = 1,
    options: Mapping[str, str] | None = None,
) -> bytes:
    """A file of one of `KINDS`, with half a second of a tone, or with mono `audio` at `rate` Hz."""
    container, codec, usual = KINDS[kind]
    rate = rate or usual
    sound = tone(0.5, rate) if audio is None else audio
    layout = "mono" if channels == 1 else "stereo"
    out = io.BytesIO()
    with av.open(out, "w", format=container, options=dict(options or {})) as file:
        stream = cast(av.AudioStream, file.add_stream(codec, rate=rate, layout=layout))
        stream.codec_context.bit_rate = 96_000
        samples = np.stack([sound] * channels)
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=layout)
        frame.sample_rate = rate
        size = stream.codec_context.frame_size or 1024
        resampler = av.AudioResampler(stream.codec_context.format, layout, rate, size)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return out.getvalue()


def film(*, sound: bool) -> bytes:
    """An MP4 of half a second of black, with a tone or without."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        video = file.add_stream("mpeg4", rate=10, width=64, height=64)
        audio = file.add_stream("aac", rate=48_000, layout="mono")
        for _ in range(5):
            black = np.zeros((64, 64, 3), np.uint8)
            file.mux(video.encode(av.VideoFrame.from_ndarray(black)))
        file.mux(video.encode(None))
        heard = tone(0.5, 48_000)[None, : 23 * 1024]
        for start in range(0, heard.shape[1] if sound else 0, 1024):
            piece = np.ascontiguousarray(heard[:, start : start + 1024])
            frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 48_000, start
            file.mux(audio.encode(frame))
        file.mux(audio.encode(None))
    return out.getvalue()
