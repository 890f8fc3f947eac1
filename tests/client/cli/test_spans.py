"""Spans of time are read and written as people do."""

from __future__ import annotations

import click
import pytest

from gpuvoice.cli.spans import Hours, span


@pytest.mark.parametrize(
    ("text", "hours"),
    [("2h", 2), ("90m", 1.5), ("1h30m", 1.5), ("0.5h", 0.5), ("45min", 0.75), (" 2H ", 2)],
)
def test_a_span_is_read(text: str, hours: float) -> None:
    assert Hours().convert(text, None, None) == pytest.approx(hours)


@pytest.mark.parametrize("text", ["", "2", "h", "two hours", "2h later", "-2h", "0h", "2d", "1h30"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="write it like 2h"):
        Hours().convert(text, None, None)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0 s"), (0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min"), (125, "2 min 5 s"),
     (3600, "1 h"), (12000, "3 h 20 min")],
)  # fmt: skip
def test_a_span_is_written(seconds: float, text: str) -> None:
    assert span(seconds) == text
