"""Subtitles of any text: the console's own module, run by Node."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.console import modules as module

LONG = (
    "When the GPU sleeps it costs nothing at all, and when somebody calls it wakes up, loads its "
    "models, speaks whatever was asked for, and goes back to sleep a quarter of an hour later."
)


def run(node: str, name: str, words: list[dict[str, Any]]) -> Any:
    return module.run(node, "subtitles.js", name, words)


def spoken(text: str, seconds: float = 0.3, pause: float = 0.05) -> list[dict[str, Any]]:
    step = seconds + pause
    return [{"word": word, "start": i * step, "end": i * step + seconds}
            for i, word in enumerate(text.split())]  # fmt: skip


def test_a_long_sentence_is_cut_into_two_lines_at_a_time(node: str) -> None:
    cues = run(node, "cues", spoken(LONG))
    assert " ".join(" ".join(cue["lines"]) for cue in cues) == LONG
    assert len(cues) > 2
    for cue in cues:
        assert len(cue["lines"]) <= 2
        assert max(map(len, cue["lines"])) <= 42


def test_two_lines_are_about_as_long_as_each_other(node: str) -> None:
    (cue,) = run(node, "cues", spoken("When the GPU sleeps it costs nothing at all, really."))
    first, second = map(len, cue["lines"])
    assert abs(first - second) < 10


@pytest.mark.parametrize("end", [".", "!", "?", "…", '."', ".)", ".”"])
def test_sentences_do_not_share_a_subtitle(node: str, end: str) -> None:
    cues = run(node, "cues", spoken(f"Good morning{end} Here is the news"))
    assert [cue["lines"] for cue in cues] == [[f"Good morning{end}"], ["Here is the news"]]


def test_a_pause_parts_subtitles(node: str) -> None:
    words = [*spoken("one two"), {"word": "three", "start": 3.0, "end": 3.4}]
    assert [cue["lines"] for cue in run(node, "cues", words)] == [["one two"], ["three"]]


def test_a_short_word_stays_long_enough_to_be_read(node: str) -> None:
    words = [{"word": "No.", "start": 1.0, "end": 1.1}, {"word": "Yes.", "start": 1.5, "end": 1.6}]
    first, last = run(node, "cues", words)
    assert (first["start"], first["end"]) == (1.0, 1.5)
    assert last["end"] == pytest.approx(2.3)


def test_a_word_longer_than_a_line_has_its_own(node: str) -> None:
    word = "Donaudampfschifffahrtsgesellschaftskapitänsmütze"
    cues = run(node, "cues", spoken(f"Die {word} ist da"))
    assert [line for cue in cues for line in cue["lines"]] == ["Die", word, "ist da"]


def test_what_web_vtt_reserves_is_escaped(node: str) -> None:
    text = run(node, "vtt", [{"word": "a<b>&-->", "start": 3599.9996, "end": 3661.5}])
    assert text == "WEBVTT\n\n01:00:00.000 --> 01:01:01.500\na&lt;b&gt;&amp;--&gt;\n"


def test_srt_counts_from_one(node: str) -> None:
    text = run(node, "srt", spoken("One. Two."))
    assert text.startswith("1\n00:00:00,000 --> 00:00:00,350\nOne.\n\n2\n00:00:00,350 --> ")


def test_no_words_are_no_subtitles(node: str) -> None:
    assert run(node, "cues", []) == []
    assert run(node, "vtt", []) == "WEBVTT\n"
