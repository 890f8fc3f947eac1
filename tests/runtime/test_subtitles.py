"""Words with times become subtitles that players read and people can follow."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from voicehost.subtitles.cues import Cue, cues
from voicehost.subtitles.files import to_srt, to_vtt
from voicehost.subtitles.tokens import LINE_COLUMNS, TimedWord, columns

TEXT = (
    "Good morning, everybody. Today we look at the numbers of the third quarter, which were "
    "better than anybody had dared to hope. Dr. Grant and her team of seven brought the new "
    "machine into service in July; since then, nothing has stood still for more than an hour! "
    "Are there questions? Then let us begin with the first page."
)


def evenly(text: str, seconds_a_word: float = 0.4, pause: float = 0.0) -> list[TimedWord]:
    """The words one after the other, each with a silence behind it."""
    step = seconds_a_word + pause
    return [(w, i * step, i * step + seconds_a_word) for i, w in enumerate(text.split())]


def spread(made: list[Cue]) -> list[str]:
    return [word for cue in made for word in cue.text.split()]


def test_cues_hold_all_words_in_two_short_lines_for_a_readable_time() -> None:
    made = cues(evenly(TEXT))
    assert spread(made) == TEXT.split()
    for cue in made:
        lines = cue.text.split("\n")
        assert len(lines) <= 2
        assert max(map(len, lines)) <= 42
        assert 1.0 <= cue.end - cue.start <= 7.3
    assert len(made) <= 8


def test_a_cue_ends_with_a_sentence_or_a_clause() -> None:
    made = cues(evenly(TEXT))
    ends = [cue.text[-1] for cue in made]
    assert sum(end in ".,;!?" for end in ends) >= len(made) - 1


def test_a_line_breaks_where_both_halves_read_well() -> None:
    (cue,) = cues(evenly("If it rains all day tomorrow, we will not go out to the garden."))
    assert cue.text == "If it rains all day tomorrow,\nwe will not go out to the garden."


def test_a_title_stays_with_its_name() -> None:
    for before in range(30):
        made = cues(evenly("word " * before + "and Dr. Grant came in. " + "more " * 20))
        assert not any(line.endswith("Dr.") for cue in made for line in cue.text.split("\n"))


def test_a_short_word_is_shown_for_a_second_where_nothing_follows() -> None:
    first, second = cues([("Yes.", 0.5, 0.6), ("No.", 9.0, 9.1)])
    assert (first.start, first.end, second.end) == (0.5, 1.5, 10.0)


def test_a_cue_does_not_span_a_pause() -> None:
    words = [("Wait", 0.0, 1.5), ("for", 1.5, 1.7), ("it", 1.7, 2.0), ("now", 4.5, 6.0)]
    first, second = cues(words)
    assert (first.text, first.end) == ("Wait for it", 2.3)
    assert (second.text, second.start) == ("now", 4.5)


def test_a_slow_speaker_gets_more_cues() -> None:
    slow = cues(evenly(TEXT, 0.5, pause=0.7))
    assert spread(slow) == TEXT.split()
    assert max(cue.end - cue.start for cue in slow) <= 7.3
    assert len(slow) > len(cues(evenly(TEXT)))


def test_a_word_wider_than_a_line_is_shown_in_parts() -> None:
    address = "https://example.com/" + "a" * 50
    made = cues([("See", 0.0, 1.0), (address, 1.0, 5.0)])
    assert "".join(spread(made)) == "See" + address
    assert all(len(line) <= 42 for cue in made for line in cue.text.split("\n"))


def test_a_language_without_spaces_is_cut_after_its_stops() -> None:
    text = (
        "おはようございます。今日は第三四半期の数字を見ていきましょう。"
        "質問はありますか、それでは始めます。"
    )
    made = cues([(text, 0.0, 12.0)])
    lines = [line for cue in made for line in cue.text.split("\n")]
    assert "".join(lines) == text
    assert lines[0] == "おはようございます。"
    assert len(made) > 1


def test_characters_of_double_width_fill_a_line_with_half_as_many() -> None:
    (cue,) = cues([("\u3042" * 40, 0.0, 6.0)])
    assert [len(line) for line in cue.text.split("\n")] == [21, 19]


def test_a_mark_stays_on_its_character() -> None:
    (cue,) = cues([("e\u0301" * 40, 0, 4)])
    assert "\n" not in cue.text
    text = "e\u0301" * 60
    lines = [line for cue in cues([(text, 0, 4)]) for line in cue.text.split("\n")]
    assert "".join(lines) == text
    assert not any(line.startswith("\u0301") for line in lines)


def test_words_at_one_instant_get_cues_that_can_be_seen() -> None:
    made = cues([(word, 5.0, 5.0) for word in TEXT.split()], 5.0)
    assert spread(made) == TEXT.split()
    assert made[-1].end == 5.0
    assert all(cue.end - cue.start >= 0.04 for cue in made)
    assert all(before.end <= after.start for before, after in pairwise(made))


def test_a_cue_lingers_but_not_past_the_end_of_the_audio() -> None:
    words = [("Good", 0.0, 0.4), ("night.", 0.4, 1.0)]
    assert cues(words)[0].end == 1.3
    assert cues(words, 1.1004)[0].end == 1.1


times = st.floats(0, 4_000, allow_nan=False)
word = st.text(st.characters(exclude_categories=["Cs", "Z", "C"]), min_size=1, max_size=60)


@given(st.lists(st.tuples(word, times, times), max_size=40), st.none() | times)
def test_whatever_the_words_cues_are_in_order_and_complete(
    raw: list[tuple[str, float, float]], seconds: float | None
) -> None:
    starts = sorted(start for _, start, _ in raw)
    words = [(w, start, max(start, end)) for (w, _, end), start in zip(raw, starts, strict=True)]
    made = cues(words, seconds)
    assert "".join(spread(made)) == "".join(w for w, _, _ in words)
    for cue in made:
        assert 0 <= cue.start < cue.end
        assert cue.text
        assert all(columns(line) <= LINE_COLUMNS for line in cue.text.split("\n"))
    assert all(before.end <= after.start for before, after in pairwise(made))


@given(st.lists(st.tuples(word, times), min_size=1, max_size=20))
def test_a_player_reads_from_the_files_what_was_written(raw: list[tuple[str, float]]) -> None:
    starts = sorted(start for _, start in raw)
    made = cues((w, start, start + 1) for (w, _), start in zip(raw, starts, strict=True))
    written = [(clock(cue.start), clock(cue.end), cue.text) for cue in made]
    vtt = webvtt.from_buffer(io.StringIO(to_vtt(made))).captions
    assert [(c.start, c.end, html.unescape(c.raw_text)) for c in vtt] == written
    srt = webvtt.from_buffer(io.StringIO(to_srt(made)), format="srt").captions
    shortened = [(start, end, text.replace("-->", "->")) for start, end, text in written]
    assert [(c.start, c.end, c.raw_text) for c in srt] == shortened


def clock(seconds: float) -> str:
    return str(datetime(2026, 1, 1) + timedelta(seconds=seconds, microseconds=1))[11:23]


def test_a_vtt_file_escapes_what_a_player_would_take_for_a_tag() -> None:
    said = "a < b & c --> d <i>"
    file = to_vtt([Cue(0.0, 1.0, said)])
    assert file == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\na &lt; b &amp; c --&gt; d &lt;i&gt;\n"
    )


def test_a_srt_file_has_numbers_commas_and_no_second_arrow() -> None:
    file = to_srt([Cue(0.0, 1.25, "one --> two"), Cue(3599.999, 3600.0, "three\nfour")])
    assert file == (
        "1\n00:00:00,000 --> 00:00:01,250\none -> two\n\n"
        "2\n00:59:59,999 --> 01:00:00,000\nthree\nfour\n"
    )


@pytest.mark.parametrize("write", [to_vtt, to_srt])
def test_no_text_breaks_out_of_its_cue(write: Callable[[list[Cue]], str]) -> None:
    nasty = "first\n\n2\r\n\r00:00:09.000 --> 00:00:10.000\nsecond\x00\u2028\x85third"
    text = write([Cue(0, 1, nasty), Cue(1, 2, "last")])
    body = text.removeprefix("WEBVTT\n\n")
    assert len(re.split(r"\n\n", body)) == 2
    assert "\r" not in text
    assert "\x00" not in text
    assert len(re.findall("-->", text)) == 2


def test_no_words_make_a_file_without_cues() -> None:
    assert cues([]) == []
    assert to_vtt([]) == "WEBVTT\n"
    assert to_srt([]) == ""
