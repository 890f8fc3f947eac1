"""The first frame of an MP3 stream: how much silence the encoder put before the first sample.

A complete file has such a frame from its maker, which also says how many frames follow. A stream
cannot know that, and without any a player would play the encoder's delay, 46 ms at 24 kHz. The
layout is that of the LAME tag (gabriel.mp3-tech.org/mp3infotag.html) with none of the optional
fields between its name and the encoder's own part.
"""

from __future__ import annotations

HEAD_BYTES = 4
MPEG_1 = 0x08  # in the second byte; MPEG 2 without
PADDED = 0x02  # in the third
DELAY_SAMPLES = 576  # LAME's own; players know what their decoder adds
NAME = b"Info\0\0\0\0"
DELAYS_AT = 21  # in the encoder's part
PART_BYTES = 36


def head_frame(first: bytes, bit_rate: int, sample_rate: int) -> bytes:
    """A silent frame that names the delay.

    `first` is the beginning of the stream's first frame: layer III, mono, without CRC.
    """
    mpeg_1 = bool(first[1] & MPEG_1)
    size = (144 if mpeg_1 else 72) * bit_rate // sample_rate
    head = bytes([first[0], first[1], first[2] & ~PADDED, first[3]])
    part = bytearray(PART_BYTES)
    part[:9] = b"LAME     "
    part[DELAYS_AT : DELAYS_AT + 3] = (DELAY_SAMPLES << 12).to_bytes(3, "big")
    return (head + bytes(17 if mpeg_1 else 9) + NAME + part).ljust(size, b"\0")
