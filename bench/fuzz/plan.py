"""How the cases are divided: much for what is cheap, enough for each endpoint with a model."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeVar

from bench.fuzz.described import DescribedCase
from bench.fuzz.generation import Documented, Source
from bench.fuzz.torture import TortureCase, torture_cases

Case = DescribedCase | TortureCase
Thing = TypeVar("Thing")

ROUND = 1000
TORTURE_SHARE = 0.15
BORDER_SHARE = 0.16
SMALLEST_DRAW = 10
SMALLEST_ROUND = 40
# Weights of (bodies as clients send them, good by the document, bad by the document).
WEIGHTS = {
    "/generate": (10, 5, 3),
    "/generate_batch": (5, 4, 4),
    "/transcribe": (5, 3, 3),
    "/transcribe_batch": (2, 2, 3),
    "/align": (7, 4, 3),
    "/align_batch": (4, 4, 4),
    "/narrate": (3, 2, 3),
    "/v1/audio/speech": (6, 3, 3),
    "/v1/audio/transcriptions": (4, 2, 2),
    "/internal/drain": (0, 1, 2),
    "/internal/batches": (0, 1, 2),
    "/results/sign": (0, 1, 2),
}
USUAL = (0, 0.3, 1)
KINDS = ("spoken", "positive", "negative")


def rounds(documents: Sequence[Documented], cases: int, seed: int) -> Iterator[list[Case]]:
    """About `cases` in all, in rounds that are mixed each in itself."""
    borders = iter(_mixed([case for document in documents for case in document.borders], seed))
    torture = torture_cases(
        [source.target for source in (document.sources[0] for document in documents)], seed
    )
    left = cases
    number = 0
    while left > 0:
        size = min(left, ROUND)
        share = TORTURE_SHARE if size > SMALLEST_ROUND else 1
        made: list[Case] = [*islice(torture, round(size * share))]
        made += islice(borders, round(size * BORDER_SHARE))
        made += _drawn(documents, size - len(made), seed + 1000 * number)
        number += 1
        left -= len(made)
        yield _mixed(made, seed + number)


def weight(source: Source) -> float:
    """The share of a source among all sources, not yet divided by their sum."""
    return WEIGHTS.get(source.path, USUAL)[KINDS.index(source.kind)]


def _drawn(documents: Sequence[Documented], count: int, seed: int) -> list[Case]:
    sources = [source for document in documents for source in document.sources]
    whole = sum(map(weight, sources))
    made: list[Case] = []
    for source in sources:
        wanted = round(count * weight(source) / whole)
        # Hypothesis begins with the simplest values; a very short draw would hold nothing else.
        drawn = source.draw(max(SMALLEST_DRAW, wanted), seed) if wanted else []
        made += _mixed(drawn, seed)[:wanted]
    return made


def _mixed(things: Sequence[Thing], seed: int) -> list[Thing]:
    mixed = list(things)
    random.Random(seed).shuffle(mixed)
    return mixed
