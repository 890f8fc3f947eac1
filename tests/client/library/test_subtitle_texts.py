"""Texts of subtitles reach their readers as they were written."""

from __future__ import annotations

import html

import webvtt as reader

from gpuvoice.cues import Cue
from gpuvoice.subtitles import subrip, webvtt

LONG_S = 7325.9996


def test_signs_of_markup_are_only_text() -> None:
    cue = Cue(("Is 3 < 5 -->", "yes & <b>so</b>"), 1.0, 2.0)
    (caption,) = reader.from_string(webvtt("", [cue])).captions
    assert html.unescape(caption.text).split("\n") == list(cue.lines)
    assert "Is 3 < 5 -->\nyes & <b>so</b>\n" in subrip([cue])


def test_a_title_cannot_end_the_head_of_the_file() -> None:
    text = webvtt("One\n\ntwo --> three", [Cue(("a",), 0.0, 1.0)])
    assert text.splitlines()[:3] == ["WEBVTT One two -> three", "", "00:00:00.000 --> 00:00:01.000"]
    assert webvtt("", []) == "WEBVTT\n"


def test_times_are_rounded_to_milliseconds_and_carried() -> None:
    cue = Cue(("a",), 59.9996, LONG_S)
    assert "00:01:00.000 --> 02:02:06.000" in webvtt("", [cue])
    assert "00:01:00,000 --> 02:02:06,000" in subrip([cue])
