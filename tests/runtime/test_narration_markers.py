"""Markers are read, never spoken, and mean the words that a person would say they mean."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicehost.errors import RequestError
from voicehost.narration.markers import MARKER, MarkedText, Marker, read_markers
from voicehost.text.clean import clean


def places(written: str) -> dict[str, str | None]:
    """For each marker the word that it means, with its edge: `<word` or `word>`."""
    read = read_markers(written)
    words = read.text.split()
    return {m.id: _place(m, words) for m in read.markers}


def _place(marker: Marker, words: list[str]) -> str | None:
    if marker.word is None:
        return None
    word = words[marker.word]
    return f"<{word}" if marker.edge == "start" else f"{word}>"


def test_markers_touch_a_word_or_stand_apart() -> None:
    written = "We {#a}ship {#b} code{c#} today {d#}."
    assert read_markers(written).text == "We ship code today."
    assert places(written) == {"a": "<ship", "b": "<code", "c": "code>", "d": "today.>"}


@pytest.mark.parametrize(
    ("written", "text", "found"),
    [
        ("{#a}One two{b#}", "One two", {"a": "<One", "b": "two>"}),
        ("{#a} One two {b#}", "One two", {"a": "<One", "b": "two>"}),
        ("One {#a}{#b} {#c}two", "One two", dict.fromkeys("abc", "<two")),
        ("One{a#}{b#} {c#} two", "One two", dict.fromkeys("abc", "One>")),
        ("One {a#}{#b} two", "One two", {"a": "One>", "b": "<two"}),
        ("One two {#a}", "One two", {"a": None}),
        ("{a#} One two", "One two", {"a": None}),
        ("One wo{#a}rd{b#}s two", "One words two", {"a": "<words", "b": "words>"}),
        ("One word{a#}, two.{b#}", "One word, two.", {"a": "word,>", "b": "two.>"}),
        ("One word{#a}, two", "One word, two", {"a": "<two"}),
        ("One word {#a}{b#} , two", "One word , two", {"a": "<,", "b": "word>"}),
        ("He said {#a}“Go!”{b#}", "He said “Go!”", {"a": "<“Go!”", "b": "“Go!”>"}),
        ("He said “{#a}Go!{b#}”", "He said “Go!”", {"a": "<“Go!”", "b": "“Go!”>"}),
        ("He said “{#a} Go“{b#}", "He said “Go“", {"a": "<“Go“", "b": "“Go“>"}),
        ("He said “{a#}Go!”", "He said “Go!”", {"a": "said>"}),
        ("Is it {#a}& or {b#} —?", "Is it & or —?", {"a": "<&", "b": "or>"}),
        ("today {a#} {b#}!", "today!", dict.fromkeys("ab", "today!>")),
        ("A{a#}{#b}B C", "AB C", {"a": "AB>", "b": "<AB"}),
        ("{#a}\n\tOne\u00a0{#b}two", "One two", {"a": "<One", "b": "<two"}),
        ("One {#a}\u200b{#b}two", "One two", dict.fromkeys("ab", "<two")),
        ("{#a\u200b}One two", "One two", {"a": "<One"}),
        ("{#é_1.x-y}Un", "Un", {"é_1.x-y": "<Un"}),
        ("你好{a#}。{#b}再见。", "你好。再见。", {"a": "你好。再见。>", "b": "<你好。再见。"}),
    ],
)
def test_a_marker_means_the_word_at_its_side(
    written: str, text: str, found: dict[str, str | None]
) -> None:
    assert read_markers(written).text == text
    assert places(written) == found


@pytest.mark.parametrize(
    ("written", "text", "found"),
    [
        ("Speaker 1: {#a}Hello there.{b#} Amazing.", "Hello there", {"a": "<Hello", "b": "there>"}),
        ("{#a}Speaker 12: {b#}Hello.", "Hello.", {"a": "<Hello.", "b": None}),
        ("Speaker {#a}1: Hello.", "Hello.", {"a": "<Hello."}),
        ("Hello. {#a}Amazing.{b#}", "Hello", {"a": None, "b": "Hello>"}),
        ("Hello . {#a}. Amazing.", "Hello", {"a": None}),
        ("Hello{#a}. Amazing.", "Hello", {"a": None}),
    ],
)
def test_decorations_go_and_take_no_marker_with_them(
    written: str, text: str, found: dict[str, str | None]
) -> None:
    assert read_markers(written).text == text
    assert places(written) == found


@pytest.mark.parametrize(
    "broken",
    ["{#}", "{#a b}", "{a b#}", "{#a#}", "{a#b}", "{# a}", "{#a", "a#}", "{##a}", "{#a/b}",
     "{#" + "x" * 65 + "}"],
)  # fmt: skip
def test_what_was_meant_as_a_marker_is_refused_by_name(broken: str) -> None:
    with pytest.raises(RequestError, match=re.escape(broken[:60])):
        read_markers(f"We ship {broken} today.")


def test_a_name_may_have_64_characters_and_is_there_once() -> None:
    assert places("{#" + "x" * 64 + "}Go") == {"x" * 64: "<Go"}
    with pytest.raises(RequestError, match="the marker a is there twice"):
        read_markers("{#a}One {a#}two.")


@pytest.mark.parametrize(
    "plain", ["Press {Enter} now.", "C# and F# are languages.", "It is #1 {of two}.", "{ } {{x}}"]
)
def test_other_braces_and_signs_stay_text(plain: str) -> None:
    assert read_markers(plain) == MarkedText(plain, plain, ())


@pytest.mark.parametrize("empty", ["{#a}", " {#a} {b#} ", "{#a}.", "Speaker 1: {#a}"])
def test_markers_alone_are_nothing_to_say(empty: str) -> None:
    with pytest.raises(RequestError):
        read_markers(empty)


WORDS = st.lists(st.sampled_from(["a", "word", "it's", "&", "12.", "(x)", "—"]), min_size=1)
MARKS = st.lists(st.sampled_from(["", " ", "{#_}", "{_#}", " {#_} ", " {_#}"]), min_size=30)


@given(WORDS, MARKS)
def test_any_text_reads_as_it_would_without_markers(words: list[str], marks: list[str]) -> None:
    written = ""
    for index, word in enumerate(["go", *words]):
        written += f" {word}" + marks[index % len(marks)].replace("_", f"m{index}")
    read = read_markers(written)
    assert "{" not in read.text
    spaced = MARKER.sub("", written)
    assert read.text.replace(" ", "") == clean(spaced).replace(" ", "")
    assert len(read.markers) == written.count("#")
    count = len(read.text.split())
    assert all(m.word is None or 0 <= m.word < count for m in read.markers)


def test_the_time_of_a_marker_is_its_words_or_the_clips() -> None:
    words = [(0.2, 0.5), (0.5, 0.9)]
    for marker, time in (
        (Marker("a", "start", 1), 0.5),
        (Marker("a", "end", 1), 0.9),
        (Marker("a", "start", None), 1.25),
        (Marker("a", "end", None), 0.0),
    ):
        assert marker.time(words, 1.25) == time
