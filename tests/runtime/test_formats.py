"""Files of every format hold the whole clip, at its true length."""

from __future__ import annotations

import io
import threading
import wave
from typing import get_args

import numpy as np
import pytest
import soundfile

from tests.runtime.players import Pcm, decoded
from voicehost.audio.encoder import Encoder
from voicehost.audio.formats import CONTENT_TYPES, AudioFormat, encode
from voicehost.engines.protocol import SPEECH_RATE

FORMATS: tuple[AudioFormat, ...] = get_args(AudioFormat)
PACKED: tuple[AudioFormat, ...] = ("wav", "flac", "mp3", "opus", "aac")
RATES = {"wav": 24000, "flac": 24000, "mp3": 24000, "opus": 48000, "aac": 48000}
MOST_OFF_SECONDS = 0.05
PART = 7000


def streamed(clip: Pcm, to: AudioFormat, part: int = PART) -> list[bytes]:
    encoder = Encoder(to, SPEECH_RATE)
    sent = [encoder.add(clip[start : start + part]) for start in range(0, len(clip), part)]
    return [*sent, encoder.end()]


@pytest.mark.parametrize("to", PACKED)
@pytest.mark.parametrize("in_parts", [False, True])
def test_a_file_lasts_as_long_as_its_clip(clip: Pcm, to: AudioFormat, in_parts: bool) -> None:
    for length in (len(clip), len(clip) - 301, 24000, 5000):
        pcm = clip[:length]
        file = b"".join(streamed(pcm, to)) if in_parts else encode(pcm, SPEECH_RATE, to)
        heard, rate = decoded(file)
        assert rate == RATES[to]
        assert len(heard) / rate == pytest.approx(length / SPEECH_RATE, abs=MOST_OFF_SECONDS)


@pytest.mark.parametrize("to", PACKED)
def test_a_complete_file_is_heard_where_the_clip_was_loud(clip: Pcm, to: AudioFormat) -> None:
    """The first and the last sample are there: a burst at either end survives, in its place."""
    burst = (12000 * np.sin(np.arange(720) * 2 * np.pi * 500 / SPEECH_RATE)).astype(np.int16)
    pcm = np.concatenate([burst, np.zeros(24000, np.int16), burst])
    for file in (encode(pcm, SPEECH_RATE, to), b"".join(streamed(pcm, to))):
        heard, rate = decoded(file)
        whole = float((heard**2).sum()) / rate
        assert whole == pytest.approx(float(((pcm / 32767) ** 2).sum()) / SPEECH_RATE, rel=0.2)
        loud = np.flatnonzero(np.abs(heard) > 0.15) / rate
        assert loud[0] < 0.06
        assert loud[-1] == pytest.approx(len(pcm) / SPEECH_RATE, abs=0.06)


@pytest.mark.parametrize("to", PACKED)
def test_what_is_heard_is_what_was_said(clip: Pcm, to: AudioFormat) -> None:
    heard, rate = decoded(encode(clip, SPEECH_RATE, to))
    at_our_rate = heard[:: rate // SPEECH_RATE]
    reference = clip.astype(np.float64)
    size = 1 << 19
    spectrum = np.fft.rfft(at_our_rate, size) * np.conj(np.fft.rfft(reference, size))
    alike = np.fft.irfft(spectrum, size).max()
    alike /= np.sqrt((at_our_rate**2).sum() * (reference**2).sum())
    assert alike > 0.95


@pytest.mark.parametrize("to", ["wav", "flac", "pcm"])
@pytest.mark.parametrize("in_parts", [False, True])
def test_exact_formats_keep_every_sample(clip: Pcm, to: AudioFormat, in_parts: bool) -> None:
    file = b"".join(streamed(clip, to)) if in_parts else encode(clip, SPEECH_RATE, to)
    if to == "pcm":
        heard: Pcm = np.frombuffer(file, "<i2")
    else:
        heard, rate = soundfile.read(io.BytesIO(file), dtype="int16")
        assert rate == SPEECH_RATE
    assert np.array_equal(heard, clip)


def test_a_wav_or_flac_file_names_its_length_however_it_was_made(clip: Pcm) -> None:
    with wave.open(io.BytesIO(b"".join(streamed(clip, "wav")))) as read:
        assert read.getnframes() == len(clip)
    for file in (b"".join(streamed(clip, "flac")), encode(clip, SPEECH_RATE, "flac")):
        assert int.from_bytes(file[18:26], "big") & (2**36 - 1) == len(clip)


def test_flac_is_less_than_half_of_a_wav_file(clip: Pcm) -> None:
    """Of this clip 48.0 %; with any but the highest level it is 48.8 % or more."""
    assert len(encode(clip, SPEECH_RATE, "flac")) < 0.485 * len(encode(clip, SPEECH_RATE, "wav"))


@pytest.mark.parametrize("to", FORMATS)
def test_the_same_samples_give_the_same_bytes_on_any_thread(clip: Pcm, to: AudioFormat) -> None:
    made: list[tuple[bytes, bytes]] = []

    def make() -> None:
        made.append((encode(clip, SPEECH_RATE, to), b"".join(streamed(clip, to))))

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert len(set(made)) == 1


@pytest.mark.parametrize("to", ["mp3", "opus", "aac", "pcm"])
def test_a_stream_is_sent_while_the_clip_is_made(clip: Pcm, to: AudioFormat) -> None:
    sent = streamed(clip, to)
    whole = sum(map(len, sent))
    assert sum(map(len, sent[: len(sent) // 2])) > 0.25 * whole


@pytest.mark.parametrize("to", ["wav", "flac"])
def test_wav_and_flac_come_whole(clip: Pcm, to: AudioFormat) -> None:
    sent = streamed(clip, to)
    assert not any(sent[:-1])


def test_every_format_has_a_content_type() -> None:
    assert set(CONTENT_TYPES) == set(FORMATS)
    assert len(set(CONTENT_TYPES.values())) == len(FORMATS)
