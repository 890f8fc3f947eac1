"""Cues as files: WebVTT and SubRip, UTF-8."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable

from voicehost.subtitles.cues import Cue

VTT_TYPE = "text/vtt; charset=utf-8"
SRT_TYPE = "application/x-subrip; charset=utf-8"


def to_vtt(cues: Iterable[Cue]) -> str:
    """The cues as a WebVTT file. Source: https://www.w3.org/TR/webvtt1/#syntax"""
    blocks = [f"{_times(cue, '.')}\n{html.escape(_text(cue), quote=False)}\n" for cue in cues]
    return "\n".join(["WEBVTT\n", *blocks])


def to_srt(cues: Iterable[Cue]) -> str:
    """The cues as a SubRip file.

    The format has no escapes: an arrow that would look like a line of times is shortened, and
    players may take `<...>` in a text for formatting.
    """
    blocks = [
        f"{number}\n{_times(cue, ',')}\n{_text(cue).replace('-->', '->')}\n"
        for number, cue in enumerate(cues, 1)
    ]
    return "\n".join(blocks)


def _text(cue: Cue) -> str:
    """Lines with something in them: an empty one would end the cue."""
    lines = (" ".join(_printable(line).split()) for line in cue.text.splitlines())
    return "\n".join(line for line in lines if line)


def _printable(line: str) -> str:
    return "".join(" " if unicodedata.category(c) == "Cc" else c for c in line)


def _times(cue: Cue, point: str) -> str:
    return f"{_time(cue.start, point)} --> {_time(cue.end, point)}"


def _time(seconds: float, point: str) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    whole, rest = divmod(milliseconds, 1000)
    return f"{hours:02}:{minutes:02}:{whole:02}{point}{rest:03}"
