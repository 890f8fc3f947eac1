"""Words lie where they sound: real audio from the embedded voice, real pocketsphinx."""

from __future__ import annotations

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from bench.alignment import measure, spoken_samples
from bench.alignment_corpus import HELD_OUT
from bench.voice_times import VOICE_RATE, TimedVoice
from voicehost.alignment.sphinx import SAMPLE_RATE, SphinxAligner

Clip = tuple[NDArray[np.float32], float, float]
SINGLE_WORDS = "apple seven mountain river paper never window silver orange short yellow five"


@pytest.fixture(scope="module")
def aligner() -> SphinxAligner:
    aligner = SphinxAligner()
    aligner.load()
    return aligner


@pytest.fixture(scope="module")
def voice() -> TimedVoice:
    return TimedVoice()


def clip(voice: TimedVoice, word: str) -> Clip:
    """A word by itself at 16 kHz and the seconds between which its energy is within 35 dB."""
    audio = soxr.resample(voice.say(word)[0], VOICE_RATE, SAMPLE_RATE).astype(np.float32)
    frames = audio[: len(audio) // 80 * 80].reshape(-1, 80)
    level = 10 * np.log10(np.mean(frames.astype(np.float64) ** 2, axis=1) + 1e-12)
    loud = np.flatnonzero(level > level.max() - 35)
    return audio, loud[0] * 0.005, (loud[-1] + 1) * 0.005


@pytest.mark.parametrize("gap_seconds", [0.2, 0.5, 1.5])
def test_separate_words_start_where_their_energy_starts(
    aligner: SphinxAligner, voice: TimedVoice, gap_seconds: float
) -> None:
    """Also over more than one window: with the longest gaps the audio lasts 28 s."""
    gap = np.zeros(int(gap_seconds * SAMPLE_RATE), np.float32)
    audio, onsets, ends = [gap], [], []
    for word in SINGLE_WORDS.split():
        before = sum(map(len, audio)) / SAMPLE_RATE
        sound, start, end = clip(voice, word)
        onsets.append(before + start)
        ends.append(before + end)
        audio += [sound, gap]
    found = aligner.align(np.concatenate(audio), SINGLE_WORDS)
    late = np.array([word.start for word in found]) - onsets
    late_ends = np.array([word.end for word in found]) - ends
    assert all(word.aligned for word in found)
    assert np.abs(late).mean() < 0.035
    assert np.abs(late).max() < 0.1
    assert abs(late.mean()) < 0.025, "a bias of the whole aligner"
    assert np.abs(late_ends).mean() < 0.06


def test_unseen_sentences_are_within_60_ms(aligner: SphinxAligner, voice: TimedVoice) -> None:
    samples = spoken_samples(voice, HELD_OUT)[::3]
    right = measure(aligner, samples)
    assert len(right.starts) > 150
    assert np.abs(right.starts).mean() <= 60
    assert np.percentile(np.abs(right.starts), 95) <= 100
    assert np.mean(right.aligned) >= 0.95


def test_the_wrong_text_scores_far_lower(aligner: SphinxAligner, voice: TimedVoice) -> None:
    samples = spoken_samples(voice, HELD_OUT)[::5]
    right, wrong = measure(aligner, samples), measure(aligner, samples, shuffle=True)
    assert np.mean(right.scores) > 0.85
    assert np.mean(wrong.scores) < 0.4
    assert np.abs(wrong.starts).mean() > 200, "the measurement itself can fail"


def test_long_audio_stays_in_step_to_its_end(aligner: SphinxAligner, voice: TimedVoice) -> None:
    samples = spoken_samples(voice, HELD_OUT)[:30]
    words = [word for sample in samples for word in sample.words]
    found = aligner.align(np.concatenate([sample.audio for sample in samples]), " ".join(words))
    truth = []
    passed = 0.0
    for sample in samples:
        truth += [passed + place.start for place in sample.truth]
        passed += len(sample.audio) / SAMPLE_RATE
    assert passed > 90
    assert np.abs(np.array([word.start for word in found]) - truth).mean() <= 0.06


def test_a_silent_symbol_lies_between_its_neighbours(
    aligner: SphinxAligner, voice: TimedVoice
) -> None:
    audio, _ = voice.say("Open the door and close the window.")
    audio = soxr.resample(audio, VOICE_RATE, SAMPLE_RATE)
    found = aligner.align(audio, "Open the door — 👍 and close the window.")
    assert [word.aligned for word in found] == [True] * 3 + [False] * 2 + [True] * 4
    assert found[2].end <= found[3].start <= found[4].end <= found[5].start
