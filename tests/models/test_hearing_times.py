"""Word times of the `cuda` aligner, on speech whose times are known."""

from __future__ import annotations

import shutil
import unicodedata
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.models.hearing_loaded import (
    new_tone_aligner,
    outcomes,
    tone_aligner,
    tone_folder,
)
from tests.models.hearing_tones import LETTER_SECONDS, RATE, spoken_in_tones
from voicehost.alignment.words import AlignedWord
from voicehost.engines.cuda.hearing.placing import segments
from voicehost.engines.cuda.hearing.spoken import spoken
from voicehost.engines.protocol import AlignInput, Audio

LONG = "one small step for a man and a giant leap for all of us who look up"
# A letter lasts so long, and where in it whisperx sees it is left to whisperx.
NEAR = LETTER_SECONDS + 0.02


def aligned(audio: Audio, text: str, language: str = "en") -> list[AlignedWord]:
    (words,), _ = outcomes(tone_aligner(), AlignInput(audio, text, language))
    return list(words)


def assert_positional(words: list[AlignedWord], text: str, audio: Audio) -> None:
    assert [word.word for word in words] == text.split()
    reached = 0.0
    for word in words:
        assert reached <= word.start <= word.end <= len(audio) / RATE
        assert 0 <= word.score <= 1
        reached = word.start


def assert_heard(word: AlignedWord, start: float, end: float) -> None:
    assert word.aligned
    assert abs(word.start - start) < NEAR
    assert word.end == pytest.approx(end, abs=2 * NEAR)


def test_every_word_is_found_where_it_is_said() -> None:
    text = "The quick brown fox, jumps over -- no: around! -- lazy dogs."
    said = ["the", "quick", "brown", "fox", "jumps", "over", "no", "around", "lazy", "dogs"]
    audio, times = spoken_in_tones(said)
    words = aligned(audio, text)
    assert_positional(words, text, audio)
    heard = [word for word in words if any(map(str.isalnum, word.word))]
    for word, (start, end) in zip(heard, times, strict=True):
        assert_heard(word, start, end)
    assert [word.aligned for word in words if word not in heard] == [False, False]
    assert times[5][0] < words[6].start < times[6][0]


@pytest.mark.parametrize(
    "year", ["twenty twenty four", "two thousand twenty four", "two thousand and twenty four"]
)
def test_a_number_takes_the_time_of_the_reading_that_was_spoken(year: str) -> None:
    said = ["it", "began", "in", *year.split(), "with", "us"]
    audio, times = spoken_in_tones(said)
    words = aligned(audio, "It began in 2024 with us")
    assert_heard(words[3], times[3][0], times[-3][1])
    assert_heard(words[4], *times[-2])


def test_of_all_readings_the_spoken_one_is_the_likeliest() -> None:
    model = tone_aligner()._shelf.model("en")
    (readings,) = spoken(["2024"], "en", model.letters)
    assert len(readings) >= 4
    for reading in readings:
        audio, _ = spoken_in_tones(reading)
        likelihoods = model.likelihoods(readings, model.hear(audio, 30.0, lambda: None))
        assert readings[likelihoods.index(max(likelihoods))] == reading


def test_words_are_read_in_letters_that_the_model_has() -> None:
    english = frozenset("abcdefghijklmnopqrstuvwxyz'")
    said = spoken(["Dr.", "$5.50", "café", "don’t", "GPU", "—", "日本"], "en", english)
    assert ("doctor",) in said[0]
    assert ("five", "dollars", "and", "fifty", "cents") in said[1]
    assert said[2:4] == [[("cafe",)], [("don't",)]]
    assert {("gpu",), ("g", "p", "u")} <= set(said[4])
    assert said[5:] == [[], []]
    german = spoken(["größer", "Café", "3,5", "1.299", "10%"], "de", english | set("äöüß"))
    assert german == [
        [("größer",)],
        [("cafe",)],
        [("drei", "komma", "fünf")],
        [("eintausendzweihundertneunundneunzig",), ("zwölfhundertneunundneunzig",)],
        [("zehn",)],
    ]
    assert spoken(["12", "ab"], "xx", english) == [[], [("ab",)]]


def test_prices_symbols_and_short_forms_are_heard_as_they_are_said() -> None:
    said = "doctor smith paid five dollars and fifty cents at three oh five for the whisper x"
    audio, times = spoken_in_tones(said.split())
    words = aligned(audio, "Dr. Smith paid $5.50 at 3:05 for the WhisperX")
    for index, (first, last) in enumerate(
        [(0, 0), (1, 1), (2, 2), (3, 7), (8, 8), (9, 11), (12, 12), (13, 13), (14, 15)]
    ):
        assert_heard(words[index], times[first][0], times[last][1])


def test_a_sign_that_was_not_spoken_takes_no_time_from_its_neighbours() -> None:
    audio, times = spoken_in_tones(["chapter", "about", "numbers"])
    words = aligned(audio, "chapter # about numbers")
    assert_heard(words[2], *times[1])
    assert not words[1].aligned


def test_other_languages_say_their_numbers_in_their_own_words() -> None:
    said = ["im", "jahr", "neunzehnhundertneunundneunzig", "größer", "als", "zwölf"]
    audio, times = spoken_in_tones(said)
    text = "Im Jahr 1999 größer als 12!"
    words = aligned(audio, text, "de")
    assert_positional(words, text, audio)
    for word, (start, end) in zip(words, times, strict=True):
        assert_heard(word, start, end)


def test_a_language_without_spaces_is_placed_by_its_words_too(tmp_path: Path) -> None:
    shutil.copytree(tone_folder() / "en", tmp_path / "ja")
    engine = new_tone_aligner(tmp_path, "ja")
    audio, times = spoken_in_tones(["watashi", "wa", "neko"])
    (words,), _ = outcomes(engine, AlignInput(audio, "watashiwa neko", "ja"))
    assert [word.aligned for word in words] == [True, True]
    assert abs(words[0].start - times[0][0]) < NEAR
    assert abs(words[1].start - times[2][0]) < NEAR


def test_times_hold_beyond_the_first_window() -> None:
    said = LONG.split() * 3
    audio, times = spoken_in_tones(said)
    engine = new_tone_aligner()
    engine.size.now = 5.0
    (words,), _ = outcomes(engine, AlignInput(audio, " ".join(said)))
    assert len(audio) / RATE > 4 * engine.size.now
    for word, (start, end) in zip(words, times, strict=True):
        assert_heard(word, start, end)


def test_long_audio_is_placed_in_segments_that_end_between_words() -> None:
    said = [*["in", "twenty", "twenty", "four", "we", "took"], *LONG.split()] * 4
    audio, times = spoken_in_tones(said)
    model = tone_aligner()._shelf.model("en")
    heard = model.hear(audio, 30.0, lambda: None)
    parts = segments(model, heard, [(word,) for word in said])
    assert len(parts) >= 2
    assert (parts[0].begin, parts[-1].end) == (0, len(said))
    for part, following in pairwise(parts):
        assert part.end == following.begin
        assert (part.frames[1] - part.frames[0]) * heard.frame_seconds <= 30.0
        cut = part.frames[1] * heard.frame_seconds
        assert times[part.end - 1][1] - 0.05 < cut < times[part.end][0] + 0.05
    text = " ".join(said).replace("twenty twenty four", "2024")
    words = aligned(audio, text)
    assert_positional(words, text, audio)
    rest = iter(times)
    for word in words:
        of_word = [next(rest) for _ in range(3 if word.word == "2024" else 1)]
        assert word.aligned
        assert abs(word.start - of_word[0][0]) < NEAR


def test_a_long_pause_is_no_place_to_get_lost() -> None:
    first, times = spoken_in_tones(LONG.split())
    silence = np.zeros(45 * RATE, np.float32)
    audio = np.concatenate([first, silence, first])
    words = aligned(audio, f"{LONG} {LONG}")
    for word, (start, _) in zip(words[len(times) :], times, strict=True):
        assert abs(word.start - start - (len(first) + len(silence)) / RATE) < NEAR


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "hello", "😀 → ♥ …", "日本語 テキスト です", "Привет, мир", "a " * 5000,
        "pneumono" * 9, "don’t café naïve — well-known co-op", "\x00 \x1c b\x85c \u2028d",
        "½ ² ① $ $5 5$ 1,2,3 1.2.3 12345678901234567890 3/4 #1 @home 50%", "|| <pad> <s> [UNK] |",
        "A. B? C! D… E", "¿Qué? ¡Sí!", "\u0301\u0308 \u200b\u200d", "1" * 400,
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["en", "de"])
def test_any_text_gives_one_entry_for_each_word(text: str, language: str) -> None:
    audio, _ = spoken_in_tones(["some", "words", "are", "said", "here"])
    assert_positional(aligned(audio, text, language), text, audio)


@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.01, 0.03, 0.5])
@pytest.mark.parametrize("level", [0.0, 0.1])
def test_any_audio_gives_one_entry_for_each_word(seconds: float, level: float) -> None:
    noise = np.random.default_rng(0).normal(0, level, round(seconds * RATE)).astype(np.float32)
    words = aligned(noise, "Hello there, it is 2024")
    assert_positional(words, "Hello there, it is 2024", noise)
    if level == 0.0:
        assert not any(word.aligned for word in words)


def test_a_text_that_cannot_be_said_in_the_time_is_shared_out() -> None:
    audio, _ = spoken_in_tones(["short"])
    text = "a text with far more letters than the audio has frames to hear them in " * 3
    words = aligned(audio, text)
    assert_positional(words, text, audio)
    assert {(word.aligned, word.score) for word in words} == {(False, 0.0)}


def test_words_in_silence_are_not_called_aligned() -> None:
    audio, times = spoken_in_tones(["hello"])
    silence = np.zeros(3 * RATE, np.float32)
    words = aligned(np.concatenate([audio, silence]), "hello and much more that is not said")
    for word in words:
        inside = times[0][0] - NEAR < word.start and word.end < times[0][1] + 0.5
        assert inside or not word.aligned


def test_letters_are_compared_without_regard_to_how_they_are_composed() -> None:
    audio, times = spoken_in_tones(["größer"])
    for form in ("NFC", "NFD"):
        assert_heard(aligned(audio, unicodedata.normalize(form, "Größer"), "de")[0], *times[0])
