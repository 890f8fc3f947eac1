"""A take is judged by what was heard in it and by how it sounds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from tests.runtime.conftest import read_wav
from voicehost.audio.wav import pcm16
from voicehost.engines.clock import tone
from voicehost.narration.sound import sound_of, usual_seconds
from voicehost.narration.verdict import Verdict, judge
from voicehost.narration.word_errors import WordErrors, word_errors
from voicehost.speaking.clip import Clip

SCRIPT = Path(__file__).parents[2] / "examples/narration.json"
TEXT = "Good morning, and welcome to the show."


def silence(seconds: float) -> Any:
    return np.zeros(round(seconds * 24000), np.float32)


def clip(*parts: Any, complete: bool = True) -> Clip:
    return Clip(pcm16(np.concatenate(parts)), 0, complete)


def sounds(seconds: float) -> Any:
    return tone(round(seconds * 12.5))


def verdict(made: Clip, heard: str = TEXT, text: str = TEXT, most: float = 0.1) -> Verdict:
    return judge(made, text, heard, "en", most)


@pytest.mark.parametrize(
    ("written", "heard", "language", "edits", "words"),
    [
        ("Hello there.", "hello, there", "en", 0, 2),
        ("We paid $184,500 for it.", "We paid 184500 dollars for it", "en", 0, 5),
        ("It cost twenty-two dollars.", "It cost $22.", "en", 0, 3),
        ("The colour of it", "The color of it", "en", 0, 4),
        ("A fine blue sky", "A blue sky indeed", "en", 2, 4),
        ("Hello (and welcome) [all]", "Hello and welcome all", "en", 0, 4),
        ("Hello", "Hello hello hello hello", "en", 3, 1),
        ("Hmm.", "Hello there", "en", 2, 0),
        ("Guten Morgen, Welt!", "guten morgen welt", "de", 0, 3),
        ("你好世界", "你好世纪", "zh", 1, 4),
        ("안녕 세상", "안녕 세계", "ko", 1, 2),
    ],
)
def test_words_are_compared_as_they_are_said(
    written: str, heard: str, language: str, edits: int, words: int
) -> None:
    assert word_errors(written, heard, language) == WordErrors(edits, words)


def test_an_error_rate_is_that_of_all_words_together() -> None:
    assert (WordErrors(1, 2) + WordErrors(0, 8)).rate == 0.1
    assert WordErrors(3, 0).rate == 3


def test_a_good_take_passes() -> None:
    assert verdict(clip(silence(0.3), sounds(2.4), silence(0.4))).passed


def test_the_limit_itself_still_passes() -> None:
    heard = TEXT.replace("show", "snow")
    assert verdict(clip(sounds(2.4)), heard, most=1 / 7).passed
    judged = verdict(clip(sounds(2.4)), heard, most=0.1)
    assert judged.reasons == ["The word error rate is 0.14, above 0.1."]


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (clip(sounds(2.4), complete=False), "cut off"),
        (clip(silence(2.4)), "next to nothing"),
        (clip(sounds(2.4) * np.float32(0.01)), "next to nothing"),
        (clip(sounds(0.72)), "less than"),
        (clip(sounds(14.4)), "more than"),
        (clip(sounds(1.2), silence(2.8), sounds(1.2)), "is interrupted by 2.8 s of silence"),
        (clip(silence(2.2), sounds(2.4)), "begins with 2.2 s"),
        (clip(sounds(2.4), silence(2.2)), "ends with 2.2 s"),
        (clip(silence(0)), "next to nothing"),
    ],
)
def test_a_take_with_a_fault_does_not_pass_whatever_was_heard(made: Clip, says: str) -> None:
    judged = verdict(made)
    (reason,) = judged.reasons
    assert says in reason
    assert not judged.passed
    assert judged.badness > verdict(clip(sounds(2.4)), "something else entirely").badness


def test_all_that_is_wrong_is_told() -> None:
    judged = verdict(clip(silence(2.2), sounds(2.4), silence(2.2), complete=False), "Nothing.")
    assert len(judged.reasons) == 4


def test_silences_are_measured_to_the_frame() -> None:
    found = sound_of(clip(silence(0.5), sounds(0.8), silence(1.0), sounds(0.8), silence(0.25)).pcm)
    assert found.seconds == 3.35
    assert found.leading_silence == pytest.approx(0.5, abs=0.011)
    assert found.longest_silence == pytest.approx(1.0, abs=0.021)
    assert found.trailing_silence == pytest.approx(0.25, abs=0.011)
    assert found.level == pytest.approx(-17, abs=0.2)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("Hi.", 0.8), ("No", 0.775), ("In 1958.", 1.925), ("$1,299.50", 4.2), ("你好世界" * 5, 8.0)],
)
def test_lengths_of_real_voices_are_usual(text: str, seconds: float) -> None:
    least, most = usual_seconds(text)
    assert least < seconds < most


@pytest.mark.parametrize(
    ("text", "seconds"), [("你好世界" * 5, 1.0), ("1958", 12.0), (TEXT, 0.9), (TEXT, 12.0)]
)
def test_lengths_that_no_voice_has_are_not(text: str, seconds: float) -> None:
    least, most = usual_seconds(text)
    assert not least < seconds < most


def test_a_real_voice_passes_with_room_to_spare(voice: FlaskClient) -> None:
    for segment in json.loads(SCRIPT.read_text())["segments"][:12]:
        text = segment["text"]
        audio, _ = read_wav(voice.post("/generate", json={"text": text}).get_json()["audio"])
        assert judge(Clip(pcm16(audio), 0), text, text, "en", 0).passed
        least, most = usual_seconds(text)
        assert 1.5 * least < len(audio) / 24000 < most / 1.5
