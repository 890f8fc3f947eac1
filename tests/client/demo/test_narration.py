"""The presentation that the demo speaks keeps its promises."""

import re

import pytest

from examples.narration.options import NARRATION
from gpuvoice.narration import read_narration

SEGMENTS = read_narration(NARRATION).segments
TEXTS = [segment.text for segment in SEGMENTS]


def test_it_has_44_to_48_segments_with_names_of_their_own() -> None:
    assert 44 <= len(SEGMENTS) <= 48
    assert len({segment.id for segment in SEGMENTS}) == len(SEGMENTS)
    assert len(set(TEXTS)) == len(TEXTS)


def test_segments_are_as_long_as_those_of_the_team() -> None:
    lengths = sorted(len(text) for text in TEXTS)
    assert 20 <= lengths[0] <= 25
    assert 390 <= lengths[-1] <= 400
    assert lengths[len(lengths) // 2] > 100


def test_texts_are_clean_single_lines_that_the_server_does_not_shorten() -> None:
    for text in TEXTS:
        assert text == " ".join(text.split())
        assert text[-1] in '.?!"'
        assert not re.match(r"Speaker \d+:", text)
        assert not text.endswith("Amazing.")


def test_only_a_few_segments_say_how_to_speak() -> None:
    assert 2 <= sum(bool(segment.instruct) for segment in SEGMENTS) <= 8


@pytest.mark.parametrize(
    ("content", "pattern", "at_least"),
    [
        ("price", r"\$\d", 8),
        ("price with cents", r"\$\d+\.\d\d", 2),
        ("large number", r"\b\d{1,3},\d{3}\b", 4),
        ("decimal fraction", r"\b\d+\.\d\b", 3),
        ("percentage", r"\d%|\d percent", 4),
        ("date", r"(January|March|April|August|September|October|November) \d{1,2}\b", 5),
        ("year", r"\b(19|20)\d\d\b", 8),
        ("time of day", r"\b\d{1,2}:\d\d\b", 2),
        ("morning or afternoon", r"\b[ap]\.m\.", 3),
        ("title before a name", r"\b(Dr|Mr|Mrs|Ms)\. [A-Z]", 4),
        ("e.g.", r"\be\.g\.", 1),
        ("i.e.", r"\bi\.e\.", 1),
        ("approx.", r"\b[Aa]pprox\.", 1),
        ("ordinal", r"\b\d+(st|nd|rd|th)\b", 1),
        ("quotation", r'"[^"]+"', 4),
        ("question", r"\?", 7),
        ("hyphen compound", r"\b[A-Za-z0-9]+-[a-z]+\b", 4),
    ],
)
def test_it_holds_what_voices_stumble_over(content: str, pattern: str, at_least: int) -> None:
    found = [text for text in TEXTS if re.search(pattern, text)]
    assert len(found) >= at_least, f"{content}: only in {found}"
