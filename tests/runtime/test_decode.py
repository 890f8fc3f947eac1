"""Whatever audio clients send becomes mono at 16 kHz, or a clear refusal."""

from __future__ import annotations

import base64
import io
import struct
import tracemalloc

import numpy as np
import pytest
import soundfile

from voicehost.audio.decode import from_base64, from_file
from voicehost.engines.protocol import Audio
from voicehost.errors import RequestError, TooLarge

SECONDS = 0.5


def file(rate: int, channels: int = 1, kind: str = "WAV", subtype: str | None = None) -> bytes:
    times = np.arange(round(rate * SECONDS)) / rate
    tone = 0.5 * np.sin(2 * np.pi * 440 * times)
    out = io.BytesIO()
    soundfile.write(out, np.stack([tone] * channels, axis=1), rate, format=kind, subtype=subtype)
    return out.getvalue()


def pitch(audio: Audio) -> float:
    spectrum = np.abs(np.fft.rfft(audio))
    return float(np.fft.rfftfreq(len(audio), 1 / 16000)[spectrum.argmax()])


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 24000, 44100, 48000, 96000])
@pytest.mark.parametrize("channels", [1, 2])
def test_any_rate_mono_or_stereo(rate: int, channels: int) -> None:
    audio = from_file(file(rate, channels), 10)
    assert audio.dtype == np.float32
    assert abs(len(audio) / 16000 - SECONDS) <= 1 / 8000
    assert len(audio) / 16000 <= SECONDS
    assert abs(pitch(audio) - 440) < 5


@pytest.mark.parametrize(
    ("kind", "subtype"),
    [
        ("FLAC", None),
        ("OGG", None),
        ("WAV", "PCM_24"),
        ("WAV", "FLOAT"),
        ("WAV", "ULAW"),
        ("MP3", None),
    ],
)
def test_formats_that_libsndfile_reads(kind: str, subtype: str | None) -> None:
    assert abs(pitch(from_file(file(48000, 1, kind, subtype), 10)) - 440) < 5


def test_base64_may_be_wrapped_or_a_data_url() -> None:
    text = base64.b64encode(file(16000)).decode()
    wrapped = "\n".join(text[i : i + 76] for i in range(0, len(text), 76))
    for given in (text, wrapped, "data:audio/wav;base64," + text):
        assert len(from_base64(given, 10)) == 8000


@pytest.mark.parametrize("text", ["!!!", "abc", "ÄÖÜ=", "data:audio/wav;base64", "=" * 9])
def test_broken_base64_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match=r"base64|not an audio"):
        from_base64(text, 10)


@pytest.mark.parametrize(
    "data", [b"RIFF", b"hello world" * 50, file(16000)[:30], b"\x00" * 4000, b"fLaC" + b"\xff" * 99]
)
def test_what_is_no_audio_is_refused(data: bytes) -> None:
    with pytest.raises(RequestError, match=r"not an audio file|no samples"):
        from_file(data, 10)


def test_empty_data_and_zero_length_audio_are_told_apart() -> None:
    with pytest.raises(RequestError, match="is empty"):
        from_base64("", 10)
    out = io.BytesIO()
    soundfile.write(out, np.zeros(0), 16000, format="WAV")
    with pytest.raises(RequestError, match="no samples"):
        from_file(out.getvalue(), 10)


@pytest.mark.parametrize("rate", [1, 10, 2_000_000_000, 500_000])
def test_impossible_sample_rates_are_refused(rate: int) -> None:
    data = bytearray(file(16000))
    data[24:28] = struct.pack("<I", rate)
    with pytest.raises(RequestError, match=r"sample rate|not an audio"):
        from_file(bytes(data), 10)


def test_a_small_file_that_unpacks_to_hours_is_refused() -> None:
    out = io.BytesIO()
    with soundfile.SoundFile(out, "w", 8000, 1, "PCM_16", format="FLAC") as writer:
        for _ in range(60):
            writer.write(np.zeros(8000 * 60, np.int16))
    assert len(out.getvalue()) < 500_000
    with pytest.raises(TooLarge, match="longer than 1800 seconds"):
        from_file(out.getvalue(), 1800)


@pytest.mark.parametrize("channels", [1, 8])
def test_memory_is_bounded_by_the_result(channels: int) -> None:
    out = io.BytesIO()
    with soundfile.SoundFile(out, "w", 192_000, channels, "PCM_16", format="FLAC") as writer:
        for _ in range(60):
            writer.write(np.zeros((192_000, channels), np.int16))
    data = out.getvalue()
    tracemalloc.start()
    audio = from_file(data, 1800)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * audio.nbytes + 10 * 2**20


@pytest.mark.parametrize(
    "text", ["data:" + ";" * 2**22, "AB " * 2**21, "data:;base64," + " " * 2**22]
)
def test_long_nonsense_in_base64_costs_little(text: str) -> None:
    tracemalloc.start()
    with pytest.raises(RequestError):
        from_base64(text, 10)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * len(text)


def test_samples_that_are_no_numbers_are_refused() -> None:
    out = io.BytesIO()
    soundfile.write(out, np.full(1600, np.nan, np.float32), 16000, format="WAV", subtype="FLOAT")
    with pytest.raises(RequestError, match="no numbers"):
        from_file(out.getvalue(), 10)


def test_a_single_sample_is_audio() -> None:
    out = io.BytesIO()
    soundfile.write(out, np.ones(1) * 0.1, 16000, format="WAV")
    assert len(from_file(out.getvalue(), 10)) == 1
