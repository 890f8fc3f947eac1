"""MP3, Opus and AAC, made by the codecs that come with PyAV."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, cast

import av
import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray

Lossy = Literal["mp3", "opus", "aac"]


@dataclass(frozen=True, slots=True)
class _Make:
    """`rate` is the file's own in Hz, the clip's when None; `options` are the container's."""

    codec: str
    container: str
    bit_rate: int
    rate: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)


# Bit rates at which speech at 24 kHz loses nothing that one hears.
_MAKES: Mapping[Lossy, _Make] = {
    "mp3": _Make("libmp3lame", "mp3", 64_000, options={"id3v2_version": "0"}),
    # Pages of a fifth of a second, so that a stream is heard while it is spoken.
    "opus": _Make("libopus", "ogg", 48_000, options={"page_duration": "200000"}),
    # Its files cannot say how much of the first and last frame is padding. At 48 kHz a frame is
    # half as long as at 24 kHz, and so is what is heard too much.
    "aac": _Make("aac", "adts", 96_000, rate=48_000),
}
BIT_RATES: Mapping[Lossy, int] = {name: make.bit_rate for name, make in _MAKES.items()}
# Neither a random serial number nor a version's name: the same samples give the same bytes.
_EXACT = {"fflags": "bitexact"}


class Out(Protocol):
    """Where a file goes: one that can also be sought gets its lengths written into its head."""

    def write(self, data: bytes, /) -> object: ...


class Coder:
    """Writes one mono file to `out` while its samples come. For one thread at a time."""

    def __init__(self, to: Lossy, sample_rate: int, out: Out) -> None:
        make = _MAKES[to]
        self._rate = sample_rate
        self._count = 0
        self._file = av.open(out, "w", format=make.container, options={**_EXACT, **make.options})
        stream = self._file.add_stream(
            make.codec, rate=make.rate or sample_rate, options={"flags": "bitexact"}
        )
        self._stream = cast("AudioStream", stream)
        self._stream.layout = "mono"
        self._stream.bit_rate = make.bit_rate

    def add(self, pcm: NDArray[np.int16]) -> None:
        if len(pcm) == 0:
            return
        frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = self._rate
        frame.pts = self._count
        self._count += len(pcm)
        self._file.mux(self._stream.encode(frame))

    def end(self) -> None:
        """Write what the codec still holds, and the lengths. Nothing can be added afterwards."""
        self._file.mux(self._stream.encode(None))
        self._file.close()
