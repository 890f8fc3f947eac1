"""Whether the times of words are what they promise to be."""

from __future__ import annotations

from itertools import pairwise

from gpuvoice.results import Alignment

ROUNDING_S = 0.002


def fault_in(alignment: Alignment, text: str, duration_s: float) -> str:
    """What is wrong with the words of a segment; empty when they keep the promise."""
    words, written = alignment.words, text.split()
    if alignment.error:
        return alignment.error
    if [word.word for word in words] != written:
        return f"{len(words)} words instead of the {len(written)} of the text, in their order"
    if any(not 0 <= word.start <= word.end <= duration_s + ROUNDING_S for word in words):
        return "a word lies outside the recording"
    if any(b.start < a.start or b.end < a.end for a, b in pairwise(words)):
        return "the words go backwards in time"
    return ""
