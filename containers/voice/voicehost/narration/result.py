"""What a narrated text is: one clip with words, markers, subtitles and what was found of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

from voicehost.audio.formats import encode
from voicehost.engines.protocol import SPEECH_RATE
from voicehost.narration.order import Order
from voicehost.narration.parts import joined
from voicehost.narration.takes import Performed
from voicehost.narration.verdict import Verdict
from voicehost.speaking.clip import Clip
from voicehost.subtitles.cues import cues
from voicehost.subtitles.files import to_srt, to_vtt


@dataclass(frozen=True, slots=True)
class Narrated:
    """`file` is the audio in the format asked for, `facts` all else as answers say it."""

    file: bytes
    facts: dict[str, Any]


def narrated(order: Order, parts: Sequence[Performed]) -> Narrated:
    """Of all parts of a text, in their order."""
    pcm, shifts = joined([part.clip for part in parts], [part.ending for part in order.parts])
    clip = Clip(
        pcm,
        parts[0].clip.seed,
        all(part.clip.complete for part in parts),
        all(part.clip.reused for part in parts),
    )
    seconds = _milliseconds(clip.seconds)
    words = _words(order, parts, shifts, seconds)
    shown = cues([(word["word"], word["start"], word["end"]) for word in words], seconds)
    facts: dict[str, Any] = {
        "format": order.format,
        "sample_rate": SPEECH_RATE,
        "duration": seconds,
        "text": order.marked.text,
        "words": words,
        "markers": _markers(order, words, seconds),
        "vtt": to_vtt(shown),
        "srt": to_srt(shown),
        **clip.take(),
    }
    verdicts = [part.verdict for part in parts if part.verdict is not None]
    if verdicts:
        attempts = max(part.attempts for part in parts)
        facts["verification"] = _verification(verdicts, attempts)
    return Narrated(encode(pcm, SPEECH_RATE, order.format), facts)


def _words(
    order: Order, parts: Sequence[Performed], shifts: Sequence[float], seconds: float
) -> list[dict[str, Any]]:
    words: list[dict[str, Any]] = []
    for part, performed, shift in zip(order.parts, parts, shifts, strict=True):
        for place, found in zip(part.words, performed.words, strict=True):
            word = {
                "word": "",
                "start": _within(found["start"] + shift, seconds),
                "end": _within(found["end"] + shift, seconds),
                "score": float(found.get("score", 0.0)),
                "aligned": bool(found.get("aligned", True)),
            }
            if place < len(words):
                word = _merged(words.pop(), word)
            words.append(word)
    for word, written in zip(words, order.marked.text.split(), strict=True):
        word["word"] = written
    return words


def _merged(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """A word that was cut between two parts."""
    return {
        **first,
        "end": second["end"],
        "score": min(first["score"], second["score"]),
        "aligned": first["aligned"] and second["aligned"],
    }


def _markers(order: Order, words: Sequence[dict[str, Any]], seconds: float) -> list[dict[str, Any]]:
    times = [(word["start"], word["end"]) for word in words]
    return [
        {
            "id": marker.id,
            "time": marker.time(times, seconds),
            "edge": marker.edge,
            "word": marker.word,
        }
        for marker in order.marked.markers
    ]


def _verification(verdicts: Sequence[Verdict], attempts: int) -> dict[str, Any]:
    sounds = [verdict.sound for verdict in verdicts]
    reasons = [reason for verdict in verdicts for reason in verdict.reasons]
    return {
        "passed": not reasons,
        "word_error_rate": round(reduce(add, [v.errors for v in verdicts]).rate, 4),
        "attempts": attempts,
        "reasons": reasons,
        "heard": " ".join(verdict.heard for verdict in verdicts),
        "level": round(min(sound.level for sound in sounds), 1),
        "leading_silence": round(sounds[0].leading_silence, 3),
        "longest_silence": round(max(sound.longest_silence for sound in sounds), 3),
        "trailing_silence": round(sounds[-1].trailing_silence, 3),
    }


def _within(time: float, seconds: float) -> float:
    return min(max(_milliseconds(time), 0.0), seconds)


def _milliseconds(seconds: float) -> float:
    # Down, so that nothing lies behind the audio's end; as the times of words are.
    return math.floor(seconds * 1000 + 1e-3) / 1000
