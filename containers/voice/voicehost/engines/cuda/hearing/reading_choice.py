"""Which of several readings was spoken: "2024" as a year, as a count, or digit by digit."""

from __future__ import annotations

from collections.abc import Sequence

from voicehost.alignment.slots import Reading
from voicehost.engines.cuda.hearing.align_model import AlignModel, Frames, Hearing


def spoken_readings(
    model: AlignModel, heard: Hearing, readings: Sequence[Sequence[Reading]]
) -> list[Reading]:
    """The reading of each word, the empty one where it has none.

    A first look takes every word's first reading. Then each word with several is heard again
    between its neighbours, once in each reading, and the likeliest stays.
    """
    chosen = [of_word[0] if of_word else () for of_word in readings]
    open_words = [index for index, of_word in enumerate(readings) if len(of_word) > 1]
    rough = model.rough_places(chosen, heard) if open_words else {}
    if rough:
        for index in open_words:
            chosen[index] = _likeliest(model, heard, readings[index], index, chosen, rough)
    return chosen


def _likeliest(
    model: AlignModel,
    heard: Hearing,
    options: Sequence[Reading],
    index: int,
    chosen: Sequence[Reading],
    rough: dict[int, Frames],
) -> Reading:
    """The reading of word `index` that fits best between its two neighbours with a place."""
    before = max((word for word in rough if word < index), default=None)
    after = min((word for word in rough if word > index), default=None)
    first = 0 if before is None else rough[before][0]
    last = heard.frames if after is None else rough[after][1]
    head = () if before is None else chosen[before]
    tail = () if after is None else chosen[after]
    part = heard.part(first, last)
    likelihoods = model.likelihoods([(*head, *option, *tail) for option in options], part)
    return options[max(range(len(options)), key=likelihoods.__getitem__)]
