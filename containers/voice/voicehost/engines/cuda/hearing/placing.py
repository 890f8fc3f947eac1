"""Words into place, segment by segment: whisperx's time grows with the square of a segment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from voicehost.alignment.slots import Reading
from voicehost.alignment.words import Span
from voicehost.engines.cuda.hearing.align_model import AlignModel, Frames, Hearing

SEGMENT_SECONDS = 30.0
# A segment ends in the longest pause between two words in its last half.
LEAST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Segment:
    """Words from `begin` to before `end`, heard in these frames."""

    begin: int
    end: int
    frames: Frames


def place_words(
    model: AlignModel, heard: Hearing, chosen: Sequence[Reading], between: Callable[[], None]
) -> dict[int, Span]:
    """The span of each word with a reading, by its index; none of those that cannot fit.

    `between()` is called before each segment.
    """
    spans: dict[int, Span] = {}
    for segment in segments(model, heard, chosen):
        between()
        offset = segment.frames[0] * heard.frame_seconds
        placed = _placed(model, heard.part(*segment.frames), chosen[segment.begin : segment.end])
        spans |= {segment.begin + word: span.later(offset) for word, span in placed.items()}
    return spans


def segments(model: AlignModel, heard: Hearing, chosen: Sequence[Reading]) -> list[Segment]:
    """The whole text if it is short or cannot fit, else parts of `SEGMENT_SECONDS` at most."""
    longest = int(SEGMENT_SECONDS / heard.frame_seconds)
    rough = model.rough_places(chosen, heard) if heard.frames > longest else {}
    cuts = [(0, 0)]
    words = sorted(rough)
    while rough and heard.frames - cuts[-1][1] > longest:
        begun, start = cuts[-1]
        ends = start + longest * LEAST_SHARE, start + longest
        pauses = [
            (rough[right][0] - rough[left][1], right, (rough[right][0] + rough[left][1]) // 2)
            for left, right in pairwise(words)
            if left >= begun and ends[0] <= rough[right][0] <= ends[1]
        ]
        if not pauses:
            # Nothing is said for so long, or one word takes all of it.
            later = [word for word in words if word > begun and rough[word][0] > ends[1]]
            if not later:
                break
            pauses = [(0, later[0], rough[later[0]][0] - 1)]
        _, word, frame = max(pauses)
        cuts.append((word, frame))
    cuts.append((len(chosen), heard.frames))
    return [Segment(begin, end, (first, last)) for (begin, first), (end, last) in pairwise(cuts)]


def _placed(model: AlignModel, heard: Hearing, chosen: Sequence[Reading]) -> dict[int, Span]:
    owners = [index for index, reading in enumerate(chosen) for _ in reading]
    spoken = [word for reading in chosen for word in reading]
    placed = model.place(spoken, heard) if spoken else None
    if placed is None:
        return {}
    own = groupby(zip(owners, placed, strict=True), key=lambda pair: pair[0])
    return {index: _joined([span for _, span in spans]) for index, spans in own}


def _joined(spans: Sequence[Span]) -> Span:
    score = sum(span.score for span in spans) / len(spans)
    return Span(spans[0].start, spans[-1].end, score)
