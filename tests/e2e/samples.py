"""What several of the tests send."""

from __future__ import annotations

SECRET = "gv_end-to-end-secret"
# 26 characters: 22 steps of the clock engine's T4 curve, 4 seconds.
LONG_TEXT = "Read this one very slowly."
# Bodies in bytes: one clip, one that sockets cannot buffer, and ten clips.
BODY_SIZES = (300_000, 3_000_000, 8_000_000)
# Those of them that the keyed servers' limit of 1 MiB forbids.
TOO_LARGE = BODY_SIZES[1:]
