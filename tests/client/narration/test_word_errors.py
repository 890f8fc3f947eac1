"""The word error rate judges what was heard, not how it was spelled."""

import pytest

from examples.narration.options import NARRATION
from examples.narration.shuffle import displaced
from gpuvoice.narration import read_narration
from gpuvoice.narration.word_errors import compare, overall_error_rate

# The normalizer's source holds "\X", of which Python warns when it compiles it.
pytestmark = pytest.mark.filterwarnings("ignore:invalid escape sequence")

TEXTS = [segment.text for segment in read_narration(NARRATION).segments]


def test_a_text_heard_as_written_has_no_errors() -> None:
    comparisons = [compare(text, text) for text in TEXTS]
    assert overall_error_rate(comparisons) == 0
    assert all(comparison.error_rate == 0 for comparison in comparisons)
    assert all(comparison.reference_words > 0 for comparison in comparisons)


def test_texts_in_the_wrong_places_are_mostly_errors() -> None:
    pairs = zip(TEXTS, displaced(TEXTS), strict=True)
    assert overall_error_rate([compare(written, heard) for written, heard in pairs]) > 0.5


@pytest.mark.parametrize("seed", range(20))
def test_no_displaced_text_keeps_its_place(seed: int) -> None:
    moved = displaced(TEXTS, seed)
    assert sorted(moved) == sorted(TEXTS)
    assert all(before != after for before, after in zip(TEXTS, moved, strict=True))


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("It took 25 days.", "it took twenty five days"),
        ("It took twenty-five days.", "It took 25 days"),
        ("We paid $1,200.", "we paid twelve hundred dollars"),
        ("About 18% of them.", "About eighteen percent of them"),
        ("Dr. Allen's colour, isn't it?", "doctor Allen's color is not it"),
        ("Well, we measured it.", "We, um, measured it."),
    ],
)
def test_spelling_is_no_error(written: str, heard: str) -> None:
    expected = 1 if written.startswith("Well") else 0
    assert compare(written, heard).edits == expected


def test_each_kind_of_edit_counts_once() -> None:
    written = "trout like cold clear water"
    assert compare(written, "trout like old clear water").edits == 1
    assert compare(written, "trout like clear water").edits == 1
    assert compare(written, "trout like very cold clear water").edits == 1
    assert compare(written, "").error_rate == 1


def test_a_long_segment_weighs_more_than_a_short_one() -> None:
    short, long = compare("one two", "three four"), compare("word " * 98, "word " * 98)
    assert overall_error_rate([short, long]) < 0.03


def test_words_added_to_a_silent_text_are_errors() -> None:
    assert compare("...", "thank you").edits == 2


@pytest.mark.parametrize(
    ("language", "written", "heard", "edits", "words"),
    [
        ("de", "Schöne Grüße, bis bald!", "schöne grüße bis bald", 0, 4),
        ("de", "Schöne Grüße!", "schone grüße", 1, 2),
        ("fr", "Il a dit : «oui».", "il a dit non", 1, 4),
        ("hi", "नमस्ते दुनिया", "नमस्ते दुनिया", 0, 2),
        ("ja", "今日は。", "今日は", 0, 3),
        ("ja", "今日は", "明日は", 1, 3),
    ],
)
def test_other_languages_keep_their_letters(
    language: str, written: str, heard: str, edits: int, words: int
) -> None:
    found = compare(written, heard, language)
    assert (found.edits, found.reference_words) == (edits, words)
