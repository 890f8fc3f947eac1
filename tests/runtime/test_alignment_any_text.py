"""Any text with any audio gives one entry a word, in order, inside the audio."""

from __future__ import annotations

import random

import numpy as np
import pytest
import soxr
from hibari import Hibari
from numpy.typing import NDArray

from voicehost.alignment import lexicon
from voicehost.alignment.sphinx import SAMPLE_RATE, SphinxAligner
from voicehost.alignment.words import AlignedWord

SPOKEN = [
    ("Pay $1,299.50 now.", "Pay"), ("It costs $5 million today.", "today."),
    ("Meet at 3:30 pm on March 3, 2024.", "2024."), ("About 25% of the 21st group left.", "left."),
    ("Pages 10-20 in the 1990s edition.", "edition."), ("Dr. Smith saw e.g. Mr. Jones.", "Jones."),
    ("Our GPU runs on AWS today.", "today."), ("A state-of-the-art “engine” here.", "here."),
    ("See https://example.com/path now.", "now."), ("The café was naïve & small.", "small."),
    ("Call 555-1234 on 2024-03-14 please.", "please."),
    ("JavaScript v2.5 isn't C++ code.", "code."),
]  # fmt: skip
AWKWARD = [
    "—", "&", "$", "👍 🎉", "北京 欢迎 你",
    "Привет мир", "' '' \"", "<s> </s> <sil>", "[NOISE] (2)",
    "a(2) _k", "\x00 \ufeff", "²³ ½ Ⅳ ٣", "1" * 400, "x" * 5000, "9,99,9 1.2.3.4 25:99 13/45/2024",
    "00:00 0/0 99/99 1/0",
    "$ 5 $.5 $5.5k €1.234,56", "- " * 300, "& " * 300, "hello " * 900,
    "word", "   spaced \n\n out\t", "ß ø Å łódź", "http://a.b/c?d=e&f=g#h", "1/2 3/4 1st 2th 0th",
]  # fmt: skip


@pytest.fixture(scope="module")
def aligner() -> SphinxAligner:
    return SphinxAligner()


@pytest.fixture(scope="module")
def voice() -> Hibari:
    return Hibari()


def said(voice: Hibari, text: str) -> NDArray[np.float32]:
    return np.asarray(soxr.resample(voice(text, seed=1), 24_000, SAMPLE_RATE), np.float32)


def check(found: list[AlignedWord], text: str, audio: NDArray[np.float32]) -> None:
    duration = len(audio) / SAMPLE_RATE
    assert [word.word for word in found] == text.split()
    reached = 0.0
    for word in found:
        assert reached <= word.start <= word.end <= duration
        assert 0.0 <= word.score <= 1.0
        reached = word.end


@pytest.mark.parametrize(("text", "sure"), SPOKEN)
def test_what_the_voice_makes_of_it_is_found(
    aligner: SphinxAligner, voice: Hibari, text: str, sure: str
) -> None:
    """The voice reads numbers and signs in its own way; every word must still be heard."""
    audio = said(voice, text)
    found = aligner.align(audio, text)
    check(found, text, audio)
    assert all(word.aligned for word in found)
    assert all(word.score > 0.5 for word in found if word.word == sure)
    assert np.mean([word.score for word in found]) > 0.75


@pytest.mark.parametrize("text", AWKWARD)
@pytest.mark.parametrize("sound", ["speech", "blip", "silence", "noise"])
def test_awkward_input_keeps_the_shape(
    aligner: SphinxAligner, voice: Hibari, text: str, sound: str
) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 2 * SAMPLE_RATE).astype(np.float32)
    audio = {
        "speech": said(voice, "Hello there, this is a test."),
        "blip": noise[:160],
        "silence": np.zeros(SAMPLE_RATE, np.float32),
        "noise": noise,
    }[sound]
    check(aligner.align(audio, text), text, audio)


@pytest.mark.parametrize("level", [0.0, np.nan, np.inf, 50.0])
def test_broken_samples_do_no_harm(aligner: SphinxAligner, level: float) -> None:
    audio = np.full(SAMPLE_RATE, level, np.float32)
    check(aligner.align(audio, "hello there"), "hello there", audio)


def test_no_text_gives_no_words_and_no_audio_gives_zero_times(aligner: SphinxAligner) -> None:
    assert aligner.align(np.zeros(SAMPLE_RATE, np.float32), " \n") == []
    found = aligner.align(np.zeros(0, np.float32), "hello there")
    assert [(word.start, word.end, word.aligned) for word in found] == [(0.0, 0.0, False)] * 2


def test_cancelling_answers_with_the_words_shared_out(
    aligner: SphinxAligner, voice: Hibari
) -> None:
    audio = said(voice, "One two three.")
    found = aligner.align(audio, "One two three.", cancelled=lambda: True)
    check(found, "One two three.", audio)
    assert not any(word.aligned for word in found)
    assert all(word.aligned for word in aligner.align(audio, "One two three."))


def test_unknown_names_do_not_pile_up_in_the_decoder(
    monkeypatch: pytest.MonkeyPatch, voice: Hibari
) -> None:
    monkeypatch.setattr(lexicon, "PRIVATE_ENTRIES", 50)
    aligner = SphinxAligner()
    audio = said(voice, "Kubernetes and Terraform.")
    letters = random.Random(3)
    most = 0
    for _ in range(40):
        made_up = ["".join(letters.choices("bdgklmnprstvz", k=2)) + "aroxi" for _ in range(10)]
        check(aligner.align(audio, " ".join(made_up)), " ".join(made_up), audio)
        most = max(most, aligner.added_entries)
    assert 10 <= most <= 65
    assert all(word.score > 0.5 for word in aligner.align(audio, "Kubernetes and Terraform."))


def test_a_name_that_comes_again_is_added_once(aligner: SphinxAligner, voice: Hibari) -> None:
    audio = said(voice, "Zyxgorp and Zyxgorp.")
    aligner.align(audio, "Zyxgorp and Zyxgorp.")
    before = aligner.added_entries
    aligner.align(audio, "Zyxgorp and Zyxgorp.")
    assert aligner.added_entries == before
