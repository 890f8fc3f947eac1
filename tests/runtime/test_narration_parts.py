"""A long text is cut into parts and joined again, and each word keeps its place."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicehost.engines.clock import tone
from voicehost.narration.parts import PART_CHARACTERS, joined, parts_of
from voicehost.speaking.clip import Clip, Pcm
from voicehost.speaking.text import SpokenText
from voicehost.text.clean import clean
from voicehost.text.pieces import Ending, cut

RATE = 24000


def spoken(text: str, seed: int = 7) -> SpokenText:
    return SpokenText(tuple(cut(text, 300)), "", "en", seed, False, "")


def long_text(sentences: int) -> str:
    return " ".join(
        f"This is the sentence with number {n}, of about sixty." for n in range(sentences)
    )


def test_a_text_of_usual_length_is_one_part() -> None:
    text = long_text(20)
    (part,) = parts_of(spoken(text), text)
    assert (part.text, part.words) == (text, range(len(text.split())))


def test_a_long_text_is_parts_of_whole_pieces_with_their_own_seeds() -> None:
    text = long_text(90)
    whole = spoken(text)
    parts = parts_of(whole, text)
    assert len(parts) > 3
    assert " ".join(part.text for part in parts) == text
    assert all(len(part.text) <= PART_CHARACTERS for part in parts)
    assert [i for part in parts for i in part.words] == list(range(len(text.split())))
    # The same inputs for the voice as if the text were spoken in one go.
    assert [one for part in parts for one in part.spoken.inputs()] == whole.inputs()


LONG_SCRIPTS = st.lists(
    st.sampled_from(["word ", "你好。", "再见，", "x" * 290 + " ", "A sentence. ", "é"]),
    min_size=200,
)


@settings(max_examples=25)
@given(LONG_SCRIPTS)
def test_every_word_of_any_script_is_in_its_parts(bits: list[str]) -> None:
    text = clean("".join(bits) + "end")
    words = text.split()
    found: dict[int, str] = {}
    for part in parts_of(spoken(text), text):
        own = part.text.split()
        assert len(own) == len(part.words)
        for place, word in zip(part.words, own, strict=True):
            found[place] = found.get(place, "") + word
    assert [found[place] for place in range(len(words))] == words


def beep(before: float, after: float) -> Clip:
    silence = [np.zeros(round(seconds * RATE), np.float32) for seconds in (before, after)]
    sound = np.concatenate([silence[0], tone(10), silence[1]])
    return Clip((sound * 32767).astype(np.int16), 0)


def loud(pcm: Pcm) -> list[float]:
    """Where sounds begin, in seconds."""
    strong = np.abs(pcm.astype(np.float32)) > 1000
    at = np.flatnonzero(strong)
    begins = [int(at[0]), *(int(b) for a, b in pairwise(at) if b - a > 2400)]
    return [begin / RATE for begin in begins]


@pytest.mark.parametrize(("ending", "pause"), [(Ending.SENTENCE, 0.4), (Ending.CLAUSE, 0.2)])
def test_parts_are_joined_with_a_pause_and_their_sounds_are_where_it_says(
    ending: Ending, pause: float
) -> None:
    clips = [beep(0.5, 0.7), beep(0.3, 0.9), beep(0.6, 0.5)]
    pcm, shifts = joined(clips, [ending] * 3)
    begins = loud(pcm)
    assert begins == pytest.approx(
        [own + shift for own, shift in zip((0.5, 0.3, 0.6), shifts, strict=True)], abs=0.01
    )
    assert begins[1] - begins[0] == pytest.approx(0.8 + pause, abs=0.03)
    assert len(pcm) / RATE == pytest.approx(begins[2] + 0.8 + 0.5, abs=0.03)
    assert shifts[0] == 0


def test_one_part_is_its_own_clip() -> None:
    clip = beep(0.5, 0.5)
    pcm, shifts = joined([clip], [Ending.SENTENCE])
    assert pcm is clip.pcm
    assert shifts == [0.0]


def test_a_silent_part_is_kept_as_it_is() -> None:
    silent = Clip(np.zeros(RATE, np.int16), 0)
    pcm, shifts = joined([beep(0.1, 0.1), silent, beep(0.1, 0.1)], [Ending.SENTENCE] * 3)
    assert len(loud(pcm)) == 2
    assert len(pcm) / RATE > 3
    assert shifts == sorted(shifts)
