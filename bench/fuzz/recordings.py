"""Small audio files as clients and strangers send them: good, odd and broken."""

from __future__ import annotations

import base64
import io
import struct
from dataclasses import dataclass

import numpy as np
import soundfile
import soxr
from hibari import Hibari
from numpy.typing import NDArray

VOICE_RATE = 24_000
SPOKEN = ("Yes.", "Good morning.", "Open the file.", "Seven, eight, nine.")
SHAPES = (
    (8_000, 1, "WAV", "PCM_16"),
    (16_000, 1, "WAV", "PCM_16"),
    (24_000, 1, "WAV", "PCM_16"),
    (44_100, 2, "WAV", "PCM_24"),
    (48_000, 2, "WAV", "FLOAT"),
    (16_000, 8, "WAV", "PCM_16"),
    (22_050, 1, "WAV", "ULAW"),
    (16_000, 1, "FLAC", "PCM_16"),
    (48_000, 2, "FLAC", "PCM_24"),
    (44_100, 1, "OGG", "VORBIS"),
    (24_000, 2, "OGG", "VORBIS"),
)
Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Recordings:
    """Base64 of files. `speech` are pairs of a file and what is said in it."""

    speech: tuple[tuple[str, str], ...]
    sounds: tuple[str, ...]
    broken: tuple[str, ...]


def make_recordings(seed: int) -> Recordings:
    """The same files for the same seed."""
    random = np.random.default_rng(seed)
    voice = Hibari(threads=1)
    spoken = [(np.asarray(voice(text, seed=1), np.float32), text) for text in SPOKEN]
    speech = [
        (_file(samples, SHAPES[(3 * i + j) % len(SHAPES)]), text)
        for i, (samples, text) in enumerate(spoken)
        for j in range(4)
    ]
    files = [_file(sound, shape) for sound in _sounds(random) for shape in SHAPES]
    good = [*(file for file, _ in speech), *files]
    return Recordings(
        tuple((_text(file), text) for file, text in speech),
        tuple(map(_text, files)),
        tuple(_broken(good, random)),
    )


def _sounds(random: np.random.Generator) -> list[Samples]:
    clock = np.arange(VOICE_RATE, dtype=np.float32) / VOICE_RATE
    sounds = [
        np.zeros(12_000),
        0.5 * np.sin(2 * np.pi * 440 * clock),
        0.1 * random.standard_normal(7_200),
        np.ones(2_400),
        np.eye(1, 4_800)[0],
        0.3 * random.standard_normal(600),
        np.zeros(24),
    ]
    return [np.asarray(sound, np.float32) for sound in sounds]


def _file(samples: Samples, shape: tuple[int, int, str, str]) -> bytes:
    rate, channels, container, subtype = shape
    mono = soxr.resample(np.clip(samples, -1, 1), VOICE_RATE, rate)
    out = io.BytesIO()
    columns = np.repeat(mono[:, None], channels, axis=1)
    soundfile.write(out, columns, rate, format=container, subtype=subtype)
    return out.getvalue()


def _broken(good: list[bytes], random: np.random.Generator) -> list[str]:
    files = [b"", b"RIFF", b"fLaC", b"OggS", bytes(1000), random.bytes(3000), b"ID3" + bytes(100)]
    for file in good[::5]:
        files.append(file[: int(random.integers(1, len(file)))])
        files.append(_scratched(file, random))
    wav = _file(np.zeros(2_400, np.float32), SHAPES[1])
    for offset, layout, value in (
        (4, "<I", 0xFFFFFFFF), (16, "<I", 0), (16, "<I", 0x7FFFFFFF), (20, "<H", 0xFFFE),
        (22, "<H", 0), (22, "<H", 17), (22, "<H", 1024), (22, "<H", 65535), (24, "<I", 0),
        (24, "<I", 1), (24, "<I", 999), (24, "<I", 400_000), (24, "<I", 0xFFFFFFFF),
        (32, "<H", 0), (34, "<H", 0), (34, "<H", 1), (34, "<H", 65535), (40, "<I", 0),
        (40, "<I", 1), (40, "<I", 0x7FFFFFFF), (40, "<I", 0xFFFFFFFF),
    ):  # fmt: skip
        patched = bytearray(wav)
        struct.pack_into(layout, patched, offset, value)
        files.append(bytes(patched))
    nan = np.full((480, 1), np.nan, np.float32)
    infinite = np.full((480, 1), np.inf, np.float32)
    files += [_file_as_is(nan), _file_as_is(infinite), _file_as_is(np.zeros((0, 1), np.float32))]
    files.append(_file_as_is(np.full((480, 1), 1e30, np.float32)))
    text = _text(wav)
    odd = [text[:-3], "!" + text, text.replace("A", "-"), "data:audio/wav;base64," + text,
           "data:;base64,", "data:audio/wav," + text, "\n".join([text[:76], text[76:]]),
           text + "====", "A", "é" + text, text + "\x00", " ", "=" * 64]  # fmt: skip
    return [*map(_text, files), *odd]


def _scratched(file: bytes, random: np.random.Generator) -> bytes:
    scratched = bytearray(file)
    for place in random.integers(0, len(file), 8):
        scratched[int(place)] = int(random.integers(0, 256))
    return bytes(scratched)


def _file_as_is(samples: Samples) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, 16_000, format="WAV", subtype="FLOAT")
    return out.getvalue()


def _text(file: bytes) -> str:
    return base64.b64encode(file).decode()
