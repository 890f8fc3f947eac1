"""Joined pieces sound like one: no clicks, no gaps longer than a breath."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from voicehost.audio.joints import join, joined
from voicehost.engines.cpu_voice import CpuVoice
from voicehost.engines.protocol import SPEECH_RATE, Audio, SpeechInput
from voicehost.queueing.batch import Batch
from voicehost.queueing.ticket import Ticket
from voicehost.text.pieces import Ending, cut

TEXT = (
    "The river was straightened in 1962, and for sixty years nobody asked whether that was wise. "
    "Then the floods came: first in March, then in June, and at last on the 4th of November. "
    "We drew a new line on the map, which followed the old bends; it cost $2,400 a metre. "
    "Was it worth it? Ask the trout, who came back within a year, or ask the children. "
)
BREATH_SECONDS = 0.6


def longest_silence(audio: Audio) -> float:
    """Seconds of the longest inner run of 10 ms frames 40 dB below the loudest."""
    frames = audio[: len(audio) // 240 * 240].reshape(-1, 240)
    loud = np.flatnonzero(np.sqrt((frames**2).mean(axis=1)) > 0.01 * np.abs(frames).max())
    return float(np.diff(loud).max(initial=1) - 1) * 0.01


@pytest.fixture(scope="module")
def parts() -> tuple[list[Audio], list[Ending]]:
    voice = CpuVoice()
    voice.load(lambda what, fraction: None)
    pieces = cut(TEXT * 2, 120)
    ticket = Ticket([SpeechInput(piece.text) for piece in pieces], key="")
    for work in ticket.works:
        voice.run(Batch([work]))
    spoken = [speech.audio for speech in ticket.outcomes()]
    return spoken, [piece.ending for piece in pieces]


def test_gaps_between_pieces_are_no_longer_than_a_breath(
    parts: tuple[list[Audio], list[Ending]],
) -> None:
    audio = join(*parts, SPEECH_RATE)
    assert longest_silence(audio) <= BREATH_SECONDS


def test_plain_concatenation_with_silence_would_not_pass(
    parts: tuple[list[Audio], list[Ending]],
) -> None:
    gap = np.zeros(round(0.7 * SPEECH_RATE), np.float32)
    plain = np.concatenate([sample for part in parts[0] for sample in (part, gap)][:-1])
    assert longest_silence(plain) > BREATH_SECONDS


def test_no_click_where_loud_pieces_meet() -> None:
    t = np.arange(SPEECH_RATE) / SPEECH_RATE
    loud = np.cos(2 * np.pi * 110 * t).astype(np.float32)
    audio = join([loud, loud, loud], [Ending.WORD] * 3, SPEECH_RATE)
    inner = audio[100:-100]
    assert np.abs(np.diff(inner)).max() < 2 * np.abs(np.diff(loud)).max()
    assert np.abs(np.diff(np.concatenate([loud, np.zeros(10, np.float32)]))).max() > 0.5


def test_nothing_that_is_said_is_cut_off() -> None:
    tone = (0.5 * np.sin(np.arange(12000) * 0.1)).astype(np.float32)
    padded = np.concatenate([np.zeros(9000, np.float32), tone, np.zeros(9000, np.float32)])
    audio = join([padded, padded], [Ending.SENTENCE] * 2, SPEECH_RATE)
    energy = float((audio**2).sum())
    assert energy == pytest.approx(2 * float((tone**2).sum()), rel=0.01)


def test_a_single_piece_is_left_as_it_is() -> None:
    part = np.ones(10, np.float32)
    assert join([part], [Ending.SENTENCE], SPEECH_RATE) is part


def test_silent_and_tiny_pieces_are_joined_too() -> None:
    silent, tiny = np.zeros(100, np.float32), np.ones(3, np.float32)
    assert len(join([silent, tiny, silent], [Ending.WORD] * 3, SPEECH_RATE)) >= 203


def test_the_outer_edges_stay() -> None:
    loud = np.cos(np.arange(4800) * 0.05).astype(np.float32)
    padded = np.concatenate([np.zeros(4800, np.float32), loud])
    audio = join([padded, loud, padded[::-1]], [Ending.WORD] * 3, SPEECH_RATE)
    assert np.array_equal(audio[:9000], padded[:9000])
    assert np.array_equal(audio[-9000:], padded[::-1][-9000:])
    assert join([loud, loud], [Ending.WORD] * 2, SPEECH_RATE)[0] == loud[0]


def test_a_stretch_comes_before_the_next_piece_is_there(
    parts: tuple[list[Audio], list[Ending]],
) -> None:
    spoken, endings = parts
    asked = []

    def pieces() -> Iterator[Audio]:
        for index, part in enumerate(spoken):
            asked.append(index)
            yield part

    stretches = []
    for index, stretch in enumerate(joined(pieces(), endings, SPEECH_RATE)):
        assert asked == list(range(index + 1))
        stretches.append(stretch)
    assert np.array_equal(np.concatenate(stretches), join(spoken, endings, SPEECH_RATE))
