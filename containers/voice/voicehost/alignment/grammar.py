"""The finite-state grammar of a stretch of text, and the way back from what was heard to its words.

States are numbers; a slot leads from one state to the next by any of its readings. Silence and
noise between words are pocketsphinx's own fillers, which loop at every state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from voicehost.alignment.slots import SILENT, Slot

Transition = tuple[int, int, float] | tuple[int, int, float, str]


@dataclass(frozen=True, slots=True)
class Place:
    """A slot in dictionary names and the index of the word of the text that it belongs to."""

    word: int
    slot: Slot


def transitions(places: Sequence[Place], *, open_end: bool) -> list[Transition]:
    """Edges (from, to, probability[, name]); state 0 is the start and `len(places)` the end.

    With `open_end` the text may stop before any of its words.
    """
    final = len(places)
    edges: list[Transition] = []
    spare = final + 1
    for index, place in enumerate(places):
        for reading in place.slot:
            if reading == SILENT:
                edges.append((index, index + 1, 1.0))
                continue
            inner = list(range(spare, spare + len(reading) - 1))
            spare += len(inner)
            states = [index, *inner, index + 1]
            edges += [
                (state, states[step + 1], 1.0, name)
                for step, (state, name) in enumerate(zip(states, reading, strict=False))
            ]
        begins_word = index == 0 or places[index - 1].word != place.word
        if open_end and begins_word:
            edges.append((index, final, 1.0))
    return edges


def owners(places: Sequence[Place], heard: Sequence[str], *, open_end: bool) -> list[int] | None:
    """For each heard name the index of its place, None when the names do not fit the places.

    Where an optional slot makes this ambiguous, the earliest place takes the name.
    """
    reached: list[dict[int, tuple[int, int]]] = [{0: (0, 0)}]
    for place in places:
        step: dict[int, tuple[int, int]] = {}
        for position in reached[-1]:
            for reading in place.slot:
                after = position + len(reading)
                if tuple(heard[position:after]) == reading:
                    step.setdefault(after, (position, after))
        reached.append(step)
    ends = range(len(places) + 1) if open_end else [len(places)]
    end = next((index for index in ends if len(heard) in reached[index]), None)
    if end is None:
        return None
    result = [0] * len(heard)
    position = len(heard)
    for index in range(end, 0, -1):
        before, _ = reached[index][position]
        result[before:position] = [index - 1] * (position - before)
        position = before
    return result
