"""Words without times get them from their neighbours, whatever the engine knew."""

from __future__ import annotations

import itertools
import math
import random

from voicehost.alignment.words import Span, fill_gaps


def test_words_between_two_known_ones_share_the_gap_by_length() -> None:
    known = {0: Span(0.5, 1.0, 0.9), 3: Span(4.0, 4.5, 0.8)}
    found = fill_gaps(["start", "to", "bottom", "end"], known, 5.0)
    assert [(w.start, w.end) for w in found] == [(0.5, 1.0), (1.0, 1.75), (1.75, 4.0), (4.0, 4.5)]
    assert [w.aligned for w in found] == [True, False, False, True]


def test_words_outside_the_known_ones_stay_in_the_speech() -> None:
    found = fill_gaps(["a", "b", "c"], {1: Span(2.0, 2.5, 1.0)}, 9.0, speech=(1.0, 4.0))
    assert [(w.start, w.end) for w in found] == [(1.0, 2.0), (2.0, 2.5), (2.5, 4.0)]


def test_with_nothing_known_all_words_share_the_speech() -> None:
    found = fill_gaps(["aa", "bb"], {}, 10.0, speech=(2.0, 6.0))
    assert [(w.start, w.end, w.score) for w in found] == [(2.0, 4.0, 0.0), (4.0, 6.0, 0.0)]


def test_whatever_an_engine_claims_times_never_go_backwards() -> None:
    """Times that overlap, lie outside or are no numbers, for indexes that do not exist."""
    draw = random.Random(5)
    for _ in range(500):
        count = draw.randrange(0, 8)
        duration = draw.choice([0.0, 0.01, 3.0])
        claims = [math.nan, -1.0, 0.0, 1.0, 2.5, 99.0]
        known = {
            draw.randrange(-2, 10): Span(*(draw.choice(claims) for _ in range(3)))
            for _ in range(draw.randrange(0, 6))
        }
        found = fill_gaps([f"w{n}" for n in range(count)], known, duration)
        assert [w.word for w in found] == [f"w{n}" for n in range(count)]
        assert all(0 <= w.start <= w.end <= duration and 0 <= w.score <= 1 for w in found)
        assert all(a.end <= b.start for a, b in itertools.pairwise(found))
