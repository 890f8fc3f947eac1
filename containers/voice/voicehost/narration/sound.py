"""What can be told of a clip without listening to its words: length, level and silences."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass

import numpy as np

from voicehost.engines.protocol import SPEECH_RATE
from voicehost.speaking.clip import Pcm

FRAME = SPEECH_RATE // 100
FULL_SCALE = 32768.0
# 40 dB below the loudest frame, as where pieces of speech are joined.
SILENCE = 0.01
NOTHING_DB = -120.0


@dataclass(frozen=True, slots=True)
class Sound:
    """Seconds, and the level of what is not silence in dB below full scale."""

    seconds: float
    level: float
    leading_silence: float
    longest_silence: float
    trailing_silence: float


def sound_of(pcm: Pcm) -> Sound:
    """Frames of 10 ms that are 40 dB below the loudest one are silence."""
    seconds = len(pcm) / SPEECH_RATE
    count = len(pcm) // FRAME
    frames = pcm[: count * FRAME].reshape(count, FRAME).astype(np.float64) / FULL_SCALE
    power = np.mean(frames**2, axis=1)
    loud = np.flatnonzero(power > SILENCE**2 * power.max()) if count else np.zeros(0, np.int64)
    if len(loud) == 0:
        return Sound(seconds, NOTHING_DB, seconds, seconds, seconds)
    level = 10 * math.log10(float(np.mean(power[loud])))
    inner = int(np.diff(loud).max(initial=1)) - 1
    step = FRAME / SPEECH_RATE
    return Sound(
        seconds, level, int(loud[0]) * step, inner * step, (count - 1 - int(loud[-1])) * step
    )


# Read English has 14 to 15 characters a second, the voice of the `cpu` family 10 to 18 on the
# narration in examples/; slow and hasty instructs and other voices lie well inside 4 and 30.
SLOWEST_CHARACTERS, FASTEST_CHARACTERS = 4.0, 30.0
# Beside the words: what a voice has before, after and around a single short one.
SPARE_SECONDS = 1.5
# A digit may be said as a word or two ("1958", "$5"); an East Asian character is a syllable.
DIGIT_CHARACTERS = 8.0
WIDE_CHARACTERS = 3.0


def usual_seconds(text: str) -> tuple[float, float]:
    """The least and the most that a clip of this text takes, with generous bounds."""
    least = most = 0.0
    for character in text:
        wide = unicodedata.east_asian_width(character) in "WF"
        one = WIDE_CHARACTERS if wide else 1.0
        least += one if character.isalnum() else 0.0
        said_in_full = character.isdigit() or unicodedata.category(character).startswith("S")
        most += DIGIT_CHARACTERS if said_in_full else one
    return least / FASTEST_CHARACTERS, most / SLOWEST_CHARACTERS + SPARE_SECONDS
