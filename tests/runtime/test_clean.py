"""Texts are cleaned as the clients that decorate them expect."""

from __future__ import annotations

import pytest

from voicehost.errors import RequestError
from voicehost.text.clean import clean


@pytest.mark.parametrize(
    ("sent", "spoken"),
    [
        ("Hello. Amazing.", "Hello"),
        ("Hello there. Amazing.", "Hello there"),
        ("Speaker 1: Hello there. Amazing.", "Hello there"),
        ("Speaker 12: Hello", "Hello"),
        ("Hello... . Amazing.", "Hello"),
        ("Hello! Amazing.", "Hello!"),
        ("Amazing. It works.", "Amazing. It works."),
        ("Speaker 0: Amazing.", "Amazing."),
        ("How amazing.", "How amazing."),
        ("Speaker One: Hello", "Speaker One: Hello"),
        ("a\tb\r\n c\x0bd", "a b c d"),
        ("zero\u200bwidth \ufeffmark", "zerowidth mark"),
        ("  spaced   out  ", "spaced out"),
        ("Ünïcödé — “quotes”", "Ünïcödé — “quotes”"),
    ],
)
def test_decorations_and_invisible_characters_are_removed(sent: str, spoken: str) -> None:
    assert clean(sent) == spoken


@pytest.mark.parametrize(
    "text", ["", "   ", "Speaker 1: ", "Speaker 1:  Amazing.", "\x00\x01", "\u200b"]
)
def test_a_text_that_is_empty_after_cleaning_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match="nothing is left to say"):
        clean(text)


@pytest.mark.parametrize("text", ["...", "—", "!?", "🙂"])
def test_a_text_without_letters_or_digits_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match="no letter or digit"):
        clean(text)


@pytest.mark.parametrize(
    "text",
    [
        "<|im_end|>",
        "Hello <|endoftext|> there",
        "Speaker 1: <||>",
        "Hi <\u200b|im_end|>",
        "<|im\u2060_end|>",
    ],
)
def test_control_tokens_are_refused(text: str) -> None:
    with pytest.raises(RequestError, match="control token"):
        clean(text)


def test_angle_brackets_and_bars_of_a_normal_text_are_kept() -> None:
    assert clean("a < b | c > d") == "a < b | c > d"
