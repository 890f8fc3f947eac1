"""Speech at another speed lasts as long as it should and keeps its pitch."""

from __future__ import annotations

import numpy as np
import pytest

from tests.runtime.players import Pcm
from voicehost.audio.tempo import FASTEST, ONE_FILTER, SLOWEST, Tempo, at_speed, factors
from voicehost.engines.protocol import SPEECH_RATE

SPEEDS = (SLOWEST, 0.4, 0.5, 0.75, 1.0, 1.1, 1.5, 2.0, 3.0, FASTEST)


def pitch(pcm: Pcm) -> float:
    """The median pitch of voiced parts, in Hz, by autocorrelation."""
    width, shortest, longest = 1200, SPEECH_RATE // 320, SPEECH_RATE // 120
    found = []
    for start in range(0, len(pcm) - width, 300):
        window = pcm[start : start + width].astype(np.float64)
        alike = np.correlate(window, window, "full")[width - 1 :]
        lag = shortest + int(np.argmax(alike[shortest:longest]))
        if alike[0] > width * 1000**2 and alike[lag] > 0.6 * alike[0]:
            found.append(SPEECH_RATE / lag)
    return float(np.median(found))


@pytest.mark.parametrize("speed", SPEEDS)
def test_a_clip_lasts_its_length_divided_by_the_speed(clip: Pcm, speed: float) -> None:
    for length in (len(clip), 24000, 5000):
        assert len(at_speed(clip[:length], speed, SPEECH_RATE)) == round(length / speed)


@pytest.mark.parametrize("speed", [0.5, 0.75, 1.5, 2.0])
def test_a_voice_keeps_its_pitch(clip: Pcm, speed: float) -> None:
    assert pitch(at_speed(clip, speed, SPEECH_RATE)) == pytest.approx(pitch(clip), rel=0.03)


@pytest.mark.parametrize("speed", SPEEDS)
def test_a_tone_keeps_its_pitch_and_its_loudness(speed: float) -> None:
    times = np.arange(3 * SPEECH_RATE) / SPEECH_RATE
    tone = (9000 * np.sin(2 * np.pi * 330 * times)).astype(np.int16)
    changed = at_speed(tone, speed, SPEECH_RATE)
    middle = changed[len(changed) // 4 : 3 * len(changed) // 4].astype(np.float64)
    crossings = np.count_nonzero(np.diff(np.signbit(middle)))
    assert crossings / 2 / (len(middle) / SPEECH_RATE) == pytest.approx(330, rel=0.03)
    assert np.sqrt((middle**2).mean()) == pytest.approx(9000 / np.sqrt(2), rel=0.1)


@pytest.mark.parametrize("speed", [0.25, 0.75, 2.0, 4.0])
def test_the_end_of_a_clip_is_not_lost(speed: float) -> None:
    burst = (9000 * np.sin(np.arange(2400) * 0.1)).astype(np.int16)
    pcm = np.concatenate([np.zeros(24000, np.int16), burst])
    changed = at_speed(pcm, speed, SPEECH_RATE).astype(np.float64)
    assert (changed**2).sum() * speed > 0.7 * (burst.astype(np.float64) ** 2).sum()


def test_in_parts_it_is_the_same_length_and_at_speed_one_the_same_samples(
    clip: Pcm,
) -> None:
    for speed in SPEEDS:
        tempo = Tempo(speed, SPEECH_RATE)
        parts = [tempo.add(clip[start : start + 5000]) for start in range(0, len(clip), 5000)]
        whole = np.concatenate([*parts, tempo.end()])
        assert len(whole) == round(len(clip) / speed)
        if speed == 1.0:
            assert np.array_equal(whole, clip)


def test_a_part_comes_before_the_end(clip: Pcm) -> None:
    tempo = Tempo(2.0, SPEECH_RATE)
    assert len(tempo.add(clip)) > 0.9 * len(clip) / 2


@pytest.mark.parametrize("speed", SPEEDS)
def test_several_filters_make_one_speed(speed: float) -> None:
    made = factors(speed)
    assert np.prod(made) == pytest.approx(speed)
    assert all(ONE_FILTER[0] <= factor <= ONE_FILTER[1] for factor in made)
