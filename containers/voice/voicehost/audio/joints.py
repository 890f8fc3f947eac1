"""Join spoken pieces without clicks and without gaps longer than a breath."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from voicehost.engines.protocol import Audio
from voicehost.text.pieces import Ending

# Pauses of read speech: about 0.4 s between sentences, 0.2 s at clause ends.
PAUSE_SECONDS = {Ending.SENTENCE: 0.40, Ending.CLAUSE: 0.20, Ending.WORD: 0.05}
MARGIN_SECONDS = 0.03
FADE_SECONDS = 0.008
FRAME_SECONDS = 0.01
SILENCE = 0.01  # -40 dB below the loudest frame


def join(parts: Sequence[Audio], endings: Sequence[Ending], sample_rate: int) -> Audio:
    """One clip of several: inner silence cut to the pause that each piece's ending asks for.

    `endings[i]` says how piece i ends; the last one does not matter. The outer edges stay.
    """
    return (
        parts[0] if len(parts) == 1 else np.concatenate(list(joined(parts, endings, sample_rate)))
    )


def joined(parts: Iterable[Audio], endings: Sequence[Ending], sample_rate: int) -> Iterator[Audio]:
    """The same clip in as many stretches as there are parts, each as soon as its part is there."""
    for index, (part, ending) in enumerate(zip(parts, endings, strict=True)):
        first, last = index == 0, index == len(endings) - 1
        start, end = _speech(part, sample_rate)
        piece = part[0 if first else start : len(part) if last else end].copy()
        _fade(piece, sample_rate, into=not first, out=not last)
        if last:
            yield piece
        else:
            pause = PAUSE_SECONDS[ending] - 2 * MARGIN_SECONDS
            silence = np.zeros(max(0, round(pause * sample_rate)), np.float32)
            yield np.concatenate([piece, silence])


def _speech(audio: Audio, sample_rate: int) -> tuple[int, int]:
    frame = max(1, round(FRAME_SECONDS * sample_rate))
    count = len(audio) // frame
    if count == 0:
        return 0, len(audio)
    levels = np.sqrt(np.mean(audio[: count * frame].reshape(count, frame) ** 2, axis=1))
    loud = np.flatnonzero(levels > SILENCE * levels.max())
    if len(loud) == 0:
        return 0, len(audio)
    margin = round(MARGIN_SECONDS * sample_rate)
    start = max(0, int(loud[0]) * frame - margin)
    return start, min(len(audio), (int(loud[-1]) + 1) * frame + margin)


def _fade(audio: Audio, sample_rate: int, *, into: bool, out: bool) -> None:
    count = min(len(audio) // 2, round(FADE_SECONDS * sample_rate))
    if count == 0:
        return
    ramp = np.linspace(0.0, 1.0, count, dtype=np.float32)
    if into:
        audio[:count] *= ramp
    if out:
        audio[-count:] *= ramp[::-1]
