"""Send the golden set through a slot and measure what comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from statistics import median
from typing import Any, TypeVar

from operate.failures import CommandError
from operate.verify.door import SlotDoor
from operate.verify.golden_set import GoldenSet, Recording
from operate.verify.sound import Sound, read_sound
from operate.verify.words import error_rates

# Times are rounded to milliseconds on their way.
ROUNDING_SECONDS = 0.002
TIMES = 2
VOICE = (24_000, 1, 16)

# None: not measured.
Figures = dict[str, float | None]
Result = TypeVar("Result")


def measure(door: SlotDoor, golden: GoldenSet) -> Figures:
    """Figures by the names that `limits` has. Raises CommandError when a call fails."""
    try:
        return {**_speech(door, golden), **_transcription(door, golden), **_alignment(door, golden)}
    except (KeyError, TypeError, ValueError) as error:
        raise CommandError(f"{door.slot} answers in another shape: {error!r}") from None


def _speech(door: SlotDoor, golden: GoldenSet) -> Figures:
    texts = list(golden.texts)
    answer, seconds = _timed(lambda: door.result("/tts/generate_batch", {"texts": texts}))
    audios = [str(audio) for audio in answer["audios"]]
    sounds = [read_sound(audio) for audio in audios]
    heard = _heard(door, audios)
    rate, worst = error_rates(texts, heard)
    paces = [sound.seconds / len(text) for sound, text in zip(sounds, texts, strict=True)]
    return {
        "speech_word_errors": rate,
        "speech_worst_word_errors": worst,
        "speech_fastest": min(paces),
        "speech_slowest": max(paces),
        "speech_silence": max(sound.silence for sound in sounds),
        "speech_clipped": max(sound.clipped for sound in sounds),
        "speech_other_format": sum(_format(sound) != VOICE for sound in sounds),
        "speech_seconds": seconds / max(0.001, sum(sound.seconds for sound in sounds)),
    }


def _transcription(door: SlotDoor, golden: GoldenSet) -> Figures:
    audios = [recording.audio for recording in golden.recordings]
    heard, seconds = _timed(lambda: _heard(door, audios))
    rate, worst = error_rates([recording.text for recording in golden.recordings], heard)
    return {
        "transcription_word_errors": rate,
        "transcription_worst_word_errors": worst,
        "transcription_seconds": seconds / _length(golden),
    }


def _alignment(door: SlotDoor, golden: GoldenSet) -> Figures:
    items = [{"audio": each.audio, "text": each.text} for each in golden.recordings]
    body = {"items": items, "language": "en"}
    answer, seconds = _timed(lambda: door.result("/whisperx/align_batch", body))
    found = [list(each["words"]) for each in answer["alignments"]]
    both = list(zip(golden.recordings, found, strict=True))
    faulty = [not _positional(recording, words) for recording, words in both]
    late = sorted(error for recording, words in both for error in _late(recording, words))
    aligned = [bool(word.get("aligned", True)) for words in found for word in words]
    return {
        "alignment_not_positional": sum(faulty),
        "alignment_median": median(late) if late else None,
        "alignment_p95": late[int(0.95 * (len(late) - 1) + 0.5)] if late else None,
        "alignment_interpolated": 1 - sum(aligned) / len(aligned) if aligned else None,
        "alignment_seconds": seconds / _length(golden),
    }


def _positional(recording: Recording, words: list[Mapping[str, Any]]) -> bool:
    """One entry for each written word, in order, inside the recording, never backwards."""
    end = recording.seconds + ROUNDING_SECONDS
    return (
        [word["word"] for word in words] == recording.text.split()
        and all(0 <= word["start"] <= word["end"] <= end for word in words)
        and all(
            one["start"] <= other["start"] and one["end"] <= other["end"]
            for one, other in pairwise(words)
        )
    )


def _late(recording: Recording, words: list[Mapping[str, Any]]) -> Iterator[float]:
    """How far each word's start is off, in seconds; nothing when words are missing."""
    if len(words) == len(recording.starts):
        for word, start in zip(words, recording.starts, strict=True):
            yield abs(float(word["start"]) - start)


def _heard(door: SlotDoor, audios: list[str]) -> list[str]:
    body = {"audios": audios, "language": "en"}
    answer = door.result("/whisperx/transcribe_batch", body)
    return [str(each["text"]) for each in answer["transcriptions"]]


def _timed(call: Callable[[], Result]) -> tuple[Result, float]:
    """The first result, and the seconds of the quickest of some calls."""
    results, seconds = [], []
    for _ in range(TIMES):
        began = time.perf_counter()
        results.append(call())
        seconds.append(time.perf_counter() - began)
    return results[0], min(seconds)


def _format(sound: Sound) -> tuple[int, int, int]:
    return sound.rate, sound.channels, sound.bits


def _length(golden: GoldenSet) -> float:
    return sum(recording.seconds for recording in golden.recordings)
