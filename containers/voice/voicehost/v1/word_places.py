"""When each word of a transcript is said: the server's own aligner on each of its segments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import cast

from voicehost.alignment.words import AlignedWord, fill_gaps
from voicehost.engines.protocol import HEARING_RATE, AlignInput, Audio, Segment
from voicehost.errand import Errand
from voicehost.host import Host
from voicehost.memory.heard import Heard, Hearing

# Recognizers cut close: a word may begin before its segment and end behind it.
MARGIN_SECONDS = 0.2
LEAST_SECONDS = 0.05
AT_ONCE = 16

Stretch = tuple[float, float]


def word_places(
    host: Host, errand: Errand, audio: Audio, segments: Sequence[Segment], language: str
) -> list[AlignedWord]:
    """The words of all segments, in order, with times in the whole audio.

    In a language that the aligner does not know, the words of a segment share its time. Raises
    VoiceError.
    """
    known = language in host.schedulers["align"].engine.languages
    stretches = list(_stretches(segments, len(audio) / HEARING_RATE))
    asked: list[Heard | None] = [
        AlignInput(_cut(audio, stretch), segment.text, language)
        if known and stretch[1] - stretch[0] >= LEAST_SECONDS
        else None
        for segment, stretch in zip(segments, stretches, strict=True)
    ]
    heard = _aligned(host, errand, [each for each in asked if each is not None])
    words: list[AlignedWord] = []
    for segment, stretch, item in zip(segments, stretches, asked, strict=True):
        if item is None:
            shared = fill_gaps(segment.text.split(), {}, segment.end - segment.start)
            words += _later(shared, segment.start)
        else:
            words += _later(next(heard), stretch[0])
    return words


def _aligned(host: Host, errand: Errand, items: Sequence[Heard]) -> Iterator[Sequence[AlignedWord]]:
    """A few at a time, so that a long recording fits into the queue."""
    for first in range(0, len(items), AT_ONCE):
        hearing = Hearing(host, "align", items[first : first + AT_ONCE], errand.wish)
        results = errand.run(host.schedulers["align"], hearing.payloads(), patient=True)
        yield from cast(list[list[AlignedWord]], hearing.outcomes(results))


def _stretches(segments: Sequence[Segment], limit: float) -> Iterator[Stretch]:
    """Each segment with its margins, of which two neighbours share what is between them."""
    ends = [0.0, *(segment.end for segment in segments)]
    starts = [*(segment.start for segment in segments[1:]), limit]
    for segment, before, after in zip(segments, ends, starts, strict=False):
        left = 0.0 if segment is segments[0] else (before + segment.start) / 2
        right = limit if segment is segments[-1] else (segment.end + after) / 2
        yield (
            max(left, segment.start - MARGIN_SECONDS),
            min(right, segment.end + MARGIN_SECONDS),
        )


def _cut(audio: Audio, stretch: Stretch) -> Audio:
    return audio[int(stretch[0] * HEARING_RATE) : int(stretch[1] * HEARING_RATE)]


def _later(words: Sequence[AlignedWord], seconds: float) -> list[AlignedWord]:
    return [replace(word, start=word.start + seconds, end=word.end + seconds) for word in words]
