"""Answers of a slot that has something wrong, made from true ones."""

from __future__ import annotations

import base64
import io
import wave
from collections.abc import Callable
from typing import Any

import numpy as np

SPEECH = "/tts/generate_batch"


def shuffled_texts(path: str, body: Any) -> None:
    if path == SPEECH:
        body["audios"].append(body["audios"].pop(0))


def silence(path: str, body: Any) -> None:
    if path == SPEECH:
        body["audios"] = [_remade(audio, lambda data: bytes(len(data))) for audio in body["audios"]]


def another_rate(path: str, body: Any) -> None:
    if path == SPEECH:
        body["audios"][0] = _remade(body["audios"][0], lambda data: data, rate=22050)


def cut_short(path: str, body: Any) -> None:
    if path == SPEECH:
        body["audios"][1] = _remade(body["audios"][1], lambda data: data[: len(data) // 6 * 2])


def clipped(path: str, body: Any) -> None:
    if path == SPEECH:
        body["audios"][0] = _remade(body["audios"][0], _loud)


def heard_elsewhere(path: str, body: Any) -> None:
    if path == "/whisperx/transcribe_batch":
        body["transcriptions"].append(body["transcriptions"].pop(0))


def wrong_times(path: str, body: Any) -> None:
    for word in _words(body):
        word["start"] = max(0.0, word["start"] - 0.25)


def one_long_pause(path: str, body: Any) -> None:
    """Most words are right, and the last of each recording are more than a second late."""
    for alignment in body.get("alignments", []):
        end = alignment["words"][-1]["end"]
        for word in alignment["words"][-2:]:
            word["start"] = word["end"] = end


def zeros(path: str, body: Any) -> None:
    """A word without times as WhisperX leaves it: at the start of the recording."""
    for alignment in body.get("alignments", []):
        alignment["words"][5].update(start=0.0, end=0.0)


def a_word_less(path: str, body: Any) -> None:
    for alignment in body.get("alignments", [])[:1]:
        del alignment["words"][3]


def interpolated(path: str, body: Any) -> None:
    for word in _words(body):
        word["aligned"] = False


def _words(body: Any) -> list[Any]:
    return [word for alignment in body.get("alignments", []) for word in alignment["words"]]


def _remade(audio: str, change: Callable[[bytes], bytes], rate: int | None = None) -> str:
    """The WAV file with its samples changed."""
    out = io.BytesIO()
    with wave.open(io.BytesIO(base64.b64decode(audio))) as old, wave.open(out, "wb") as new:
        new.setparams(old.getparams())
        new.setframerate(rate or old.getframerate())
        new.writeframes(change(old.readframes(old.getnframes())))
    return base64.b64encode(out.getvalue()).decode()


def _loud(data: bytes) -> bytes:
    samples = np.frombuffer(data, np.int16).astype(np.int32) * 20
    return np.clip(samples, -32768, 32767).astype(np.int16).tobytes()
