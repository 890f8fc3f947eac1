"""What a speech recognizer says of the parts of an audio file, brought into order."""

from __future__ import annotations

from collections.abc import Iterable

from voicehost.engines.protocol import HEARING_RATE, Audio, Segment


def in_order(given: Iterable[tuple[float, float, str]], audio: Audio) -> tuple[Segment, ...]:
    """The (start, end, text) that have a text, within the audio, none before the one before it.

    Recognizers round times, and may let a part begin before the last has ended.
    """
    limit = len(audio) / HEARING_RATE
    segments: list[Segment] = []
    reached = 0.0
    for start, end, text in given:
        if not text:
            continue
        start = min(max(start, reached), limit)
        reached = min(max(end, start), limit)
        segments.append(Segment(start, reached, text))
    return tuple(segments)
