"""The parts of a transcript lie within the audio, one behind the other, and are its text."""

from __future__ import annotations

import numpy as np
import pytest
import soxr
from flask.testing import FlaskClient

from tests.runtime.conftest import read_wav
from voicehost.app import host
from voicehost.caller import Caller
from voicehost.engines.protocol import HEARING_RATE, Segment, TranscribeInput, Transcript
from voicehost.engines.segments import in_order
from voicehost.errand import Errand

AUDIO = np.zeros(10 * HEARING_RATE, np.float32)


def test_times_are_brought_into_the_audio_and_into_order() -> None:
    given = [(-0.5, 2.0, "a"), (1.5, 1.0, "b"), (1.8, 12.0, "c"), (11.0, 12.0, "d")]
    assert in_order(given, AUDIO) == (
        Segment(0.0, 2.0, "a"),
        Segment(2.0, 2.0, "b"),
        Segment(2.0, 10.0, "c"),
        Segment(10.0, 10.0, "d"),
    )


def test_a_part_without_text_is_left_out() -> None:
    assert in_order([(0.0, 1.0, ""), (2.0, 3.0, "a")], AUDIO) == (Segment(2.0, 3.0, "a"),)


def heard(ears: FlaskClient, audio: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Transcript:
    scheduler = host(ears.application).schedulers["transcribe"]
    (transcript,) = Errand(Caller("", "", "x")).run(scheduler, [TranscribeInput(audio)])
    assert isinstance(transcript, Transcript)
    return transcript


def test_the_cpu_engine_says_when_its_segments_are_said(
    ears: FlaskClient, voice: FlaskClient
) -> None:
    text = "The first ship came at nine. The second one was late by an hour, as it always is."
    audio, rate = read_wav(voice.post("/generate", json={"text": text}).get_json()["audio"])
    spoken = soxr.resample(audio, rate, HEARING_RATE)
    before = np.zeros(2 * HEARING_RATE, np.float32)
    transcript = heard(ears, np.concatenate([before, spoken, before]))
    assert " ".join(segment.text for segment in transcript.segments) == transcript.text
    assert transcript.segments[0].start == pytest.approx(2.0, abs=0.6)
    last = 2.0 + len(spoken) / HEARING_RATE
    assert transcript.segments[-1].end == pytest.approx(last, abs=0.9)


def test_silence_has_no_segments(ears: FlaskClient) -> None:
    assert heard(ears, AUDIO) == Transcript("", ())
