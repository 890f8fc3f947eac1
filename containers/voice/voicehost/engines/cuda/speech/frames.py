"""How many frames a text takes to speak, and how many it may take."""

from __future__ import annotations

import math
import unicodedata

from voicehost.engines.step_cost import FRAMES_PER_SECOND

# Read English runs at 150 to 160 words a minute (the rate that audiobook makers give), a word and
# its space being six characters.
NARROW_PER_SECOND = 15.0
# Syllables a second: Mandarin 5.2, Japanese 7.8, both a character each at most (Pellegrino, Coupé
# and Marsico, "A cross-language perspective on speech information rate", Language 87, 2011).
WIDE_PER_SECOND = 5.0
# "2024" is read as eighteen characters, "$1,234" as some forty.
CHARACTERS_PER_DIGIT = 6
SLOWEST = 3.0
SPARE_SECONDS = 3.0
# 164 s: what the qwen-tts package stops at where a checkpoint names no limit.
MOST_FRAMES = 2048


def expected_frames(text: str) -> int:
    """Frames of 80 ms that a text takes when it is read at an ordinary pace, at least one."""
    return max(1, math.ceil(_seconds(text) * FRAMES_PER_SECOND))


def frame_cap(text: str) -> int:
    """Frames after which a text without an end token is cut off.

    Three times an ordinary reading and three seconds: room for 'very slowly' and for pauses. About
    one text in two hundred never ends by itself; it would run to the 8192 frames (655 s) of the
    published checkpoints' generation_config.json.
    """
    seconds = SPARE_SECONDS + SLOWEST * _seconds(text)
    return min(MOST_FRAMES, math.ceil(seconds * FRAMES_PER_SECOND))


def _seconds(text: str) -> float:
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    digits = sum(character.isdigit() for character in text)
    narrow = len(text) - wide + digits * (CHARACTERS_PER_DIGIT - 1)
    return narrow / NARROW_PER_SECOND + wide / WIDE_PER_SECOND
