"""Texts in the wrong places, to see that the checks see it."""

import random
from collections.abc import Sequence


def displaced(texts: Sequence[str], seed: int = 1) -> list[str]:
    """The texts in an order where none keeps its place (Sattolo's shuffle); two at least."""
    chance = random.Random(seed)
    moved = list(texts)
    for last in range(len(moved) - 1, 0, -1):
        other = chance.randrange(last)
        moved[last], moved[other] = moved[other], moved[last]
    return moved
