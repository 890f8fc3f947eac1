"""Subtitles are valid, readable, in time with the audio, and complete."""

import html
from itertools import pairwise
from pathlib import Path

import pytest
import webvtt

from examples.narration.options import NARRATION
from gpuvoice import Word
from gpuvoice.cues import Cue, cues_of
from gpuvoice.narration import read_narration
from gpuvoice.subtitles import cues_for, subrip
from gpuvoice.subtitles import webvtt as as_webvtt

TEXTS = [segment.text for segment in read_narration(NARRATION).segments]
GAP_S = 0.4


def evenly_spoken(text: str, seconds_a_word: float = 0.38) -> list[Word]:
    return [
        Word(word, number * seconds_a_word, (number + 0.9) * seconds_a_word, 0.8)
        for number, word in enumerate(text.split())
    ]


@pytest.fixture(scope="module")
def presentation() -> tuple[list[Cue], float]:
    timed, at = [], 0.0
    for text in TEXTS:
        words = evenly_spoken(text)
        timed.append((words, at))
        at += words[-1].end + GAP_S
    audio_s = at - GAP_S
    return cues_for(timed, audio_s), audio_s


def test_both_files_are_valid_and_no_word_is_lost(
    presentation: tuple[list[Cue], float], tmp_path: Path
) -> None:
    cues, _ = presentation
    (tmp_path / "a.vtt").write_text(as_webvtt("Title", cues))
    (tmp_path / "a.srt").write_text(subrip(cues))
    from_vtt = webvtt.WebVTT.read(str(tmp_path / "a.vtt"), strict=True)
    from_srt = webvtt.WebVTT.from_srt(str(tmp_path / "a.srt"))
    for captions in (from_vtt.captions, from_srt.captions):
        assert len(captions) == len(cues)
        heard = [word for caption in captions for word in caption.text.split()]
        assert heard == [word for text in TEXTS for word in text.split()]
    assert from_vtt.header_text == "Title"
    assert [c.start for c in from_vtt.captions] == [c.start for c in from_srt.captions]
    assert [c.end for c in from_vtt.captions] == [c.end for c in from_srt.captions]


def test_cues_follow_one_another_inside_the_audio(
    presentation: tuple[list[Cue], float],
) -> None:
    cues, audio_s = presentation
    assert cues[0].start >= 0
    assert cues[-1].end <= audio_s
    assert all(cue.start < cue.end for cue in cues)
    assert all(cue.end <= after.start for cue, after in pairwise(cues))


def test_cues_have_at_most_two_lines_of_42_characters(
    presentation: tuple[list[Cue], float],
) -> None:
    cues, _ = presentation
    assert all(1 <= len(cue.lines) <= 2 for cue in cues)
    assert max(len(line) for cue in cues for line in cue.lines) <= 42


def test_a_cue_is_shown_while_its_words_are_spoken() -> None:
    text = "The first sentence is longer than one line. The second one, too, is a little longer."
    first, second = cues_of(evenly_spoken(text))
    assert " ".join(first.lines) == "The first sentence is longer than one line."
    assert first.start == 0.0
    assert second.start == pytest.approx(8 * 0.38)


def test_no_line_ends_after_a_title(presentation: tuple[list[Cue], float]) -> None:
    cues, _ = presentation
    assert not [line for cue in cues for line in cue.lines if line.endswith(("Dr.", "Mr.", "e.g."))]


def test_words_that_share_one_instant_still_make_cues_with_a_length() -> None:
    words = [Word(word, 2.0, 2.0, 0.0, aligned=False) for word in TEXTS[4].split()]
    cues = cues_for([(words, 0.0)], audio_s=2.0)
    assert all(cue.start < cue.end <= 2.0 for cue in cues)
    assert all(cue.end <= after.start for cue, after in pairwise(cues))


def test_a_word_longer_than_a_line_is_kept_whole() -> None:
    long_word = "x" * 100
    lines = [line for cue in cues_of(evenly_spoken(f"a {long_word} b")) for line in cue.lines]
    assert long_word in lines


def test_signs_that_mean_something_in_webvtt_are_only_text(tmp_path: Path) -> None:
    text = "Q&A: is 3 < 5 --> yes"
    cues = cues_for([(evenly_spoken(text), 0.0)], 5.0)
    (tmp_path / "a.vtt").write_text(as_webvtt("Title", cues))
    (caption,) = webvtt.WebVTT.read(str(tmp_path / "a.vtt")).captions
    assert html.unescape(caption.text.replace("\n", " ")) == text
