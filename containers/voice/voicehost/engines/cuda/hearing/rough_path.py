"""A first look at where letters are: the likeliest path through what a model heard, in numpy.

whisperx does the same more slowly, at a cost that grows with the square of the length; after this
look it gets segments of half a minute, which it is made for.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def letter_frames(
    emissions: NDArray[np.float32], letters: Sequence[int], blank: int
) -> NDArray[np.int64]:
    """The frame in which each letter (its label's number) begins.

    `emissions` are log probabilities of shape (frames, labels), with a frame for each letter at
    least. Every frame says either the next letter or `blank`, as in whisperx's trellis.
    """
    labels = np.asarray(letters)
    stays = emissions[:, blank]
    frames, count = len(emissions), len(labels)
    scores = np.full(count + 1, -np.inf)
    scores[0] = 0.0
    moved = np.zeros((frames, count + 1), bool)
    for frame in range(frames):
        staying = scores + stays[frame]
        moving = scores[:-1] + emissions[frame, labels]
        np.greater(moving, staying[1:], out=moved[frame, 1:])
        np.maximum(moving, staying[1:], out=staying[1:])
        scores = staying
    found = np.zeros(count, np.int64)
    letter = count
    for frame in range(frames - 1, -1, -1):
        if letter and moved[frame, letter]:
            letter -= 1
            found[letter] = frame
    return found
