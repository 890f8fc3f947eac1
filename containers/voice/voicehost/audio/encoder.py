"""A clip as a file that is sent while the clip is still being made."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from voicehost.audio.coder import BIT_RATES, Coder
from voicehost.audio.formats import AudioFormat, encode
from voicehost.audio.mp3_head import head_frame


class Encoder:
    """Takes mono samples as they come and gives the file's bytes as they are made.

    WAV and FLAC come whole from `end()`: both begin with how long they are, and a file that names
    no length, or a false one, is cut short or refused by many readers. One encoder makes one file
    and belongs to one thread at a time. The same samples in the same parts give the same bytes.
    """

    def __init__(self, to: AudioFormat, sample_rate: int) -> None:
        self._to = to
        self._rate = sample_rate
        self._parts: list[NDArray[np.int16]] = []
        self._out = _Outgoing()
        self._headed = to != "mp3"
        self._coder = Coder(to, sample_rate, self._out) if to in ("mp3", "opus", "aac") else None

    def add(self, pcm: NDArray[np.int16]) -> bytes:
        """More samples; what can be sent now, often nothing."""
        if self._coder is not None:
            self._coder.add(pcm)
            return self._sent()
        if self._to == "pcm":
            return encode(pcm, self._rate, "pcm")
        self._parts.append(pcm)
        return b""

    def end(self) -> bytes:
        """The rest of the file."""
        if self._coder is not None:
            self._coder.end()
            return self._sent()
        if self._to == "pcm":
            return b""
        return encode(np.concatenate([np.zeros(0, np.int16), *self._parts]), self._rate, self._to)

    def _sent(self) -> bytes:
        made = self._out.take()
        if made and not self._headed:
            self._headed = True
            return head_frame(made, BIT_RATES["mp3"], self._rate) + made
        return made


class _Outgoing:
    """What was written and not yet taken; cannot be sought, like the connection it goes to."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, data: bytes) -> int:
        self._waiting += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._waiting)
        self._waiting.clear()
        return taken
