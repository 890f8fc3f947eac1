"""What the console takes for spoken is what the server speaks."""

from __future__ import annotations

import pytest

from tests.e2e.console.modules import run
from voicehost.text.clean import clean

TEXTS = [
    "Hello.",
    "Speaker 1: Hello. Amazing.",
    "Speaker 12: Hello there. Amazing.",
    "  Speaker 3:   Hello.\n\nSecond   line ... Amazing.  ",
    "Speaker 1: Speaker 2: twice. Amazing. Amazing.",
    "Speaker one: That is Amazing.",
    "Speaker 1:No space",
    "It is amazing.",
    "Amazing.",
    "No dot Amazing",
    "\ufeffSpeaker ٣: an\u200bother\u00a0one\u2028line\u0007bell",
    "Speaker 1: 👩\u200d🚀 flies. Amazing.\u200b",
]


@pytest.mark.parametrize("text", TEXTS)
def test_decorations_are_left_out_as_the_server_does_it(node: str, text: str) -> None:
    assert run(node, "spoken.js", "spokenOf", text) == clean(text)
