"""How far the words of the CPU aligner are from where the voice put them.

`python bench/alignment.py` prints a table and exits with 1 when a limit is missed. `--shuffle`
aligns each audio with the text of another sentence, to show that the measurement can fail. The
voice is seeded, so two runs agree.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "containers/voice")]

from bench.alignment_corpus import HELD_OUT, TUNING, sentences  # noqa: E402
from bench.voice_times import VOICE_RATE, SpokenWord, TimedVoice  # noqa: E402
from voicehost.alignment.sphinx import SAMPLE_RATE, SphinxAligner  # noqa: E402

MEAN_START_LIMIT_MS = 60.0
INTERPOLATED_LIMIT = 0.05
MATCHED_SCORE_LIMIT = 0.8


@dataclass
class Sample:
    """One sentence: audio at 16 kHz, written words and the true place of each."""

    audio: NDArray[np.float32]
    words: list[str]
    truth: list[SpokenWord]


@dataclass
class Errors:
    """What was measured, one entry a word: errors in milliseconds, late is positive."""

    starts: list[float] = field(default_factory=list)
    phonemes: list[float] = field(default_factory=list)
    sounds: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    aligned: list[bool] = field(default_factory=list)
    audio_seconds: float = 0.0
    work_seconds: float = 0.0


def spoken_samples(voice: TimedVoice, corpus: str) -> list[Sample]:
    """Every sentence synthesized from its spoken words, with a true place for each written one."""
    samples = []
    for pairs in sentences(corpus):
        audio, spoken = voice.say(" ".join(said for _, said in pairs))
        truth = []
        position = 0
        for _, said in pairs:
            count = len(said.split())
            own = spoken[position : position + count]
            truth.append(replace(own[0], end=own[-1].end))
            position += count
        if position != len(spoken):
            raise ValueError(f"the voice grouped its phonemes otherwise: {pairs}")
        at_16k = soxr.resample(audio, VOICE_RATE, SAMPLE_RATE).astype(np.float32)
        samples.append(Sample(at_16k, [written for written, _ in pairs], truth))
    return samples


def measure(aligner: SphinxAligner, samples: list[Sample], *, shuffle: bool = False) -> Errors:
    """Errors over all words; with `shuffle` each audio gets the text of the next sentence."""
    errors = Errors()
    for index, sample in enumerate(samples):
        words = samples[(index + 1) % len(samples)].words if shuffle else sample.words
        began = time.perf_counter()
        found = aligner.align(sample.audio, " ".join(words))
        errors.work_seconds += time.perf_counter() - began
        errors.audio_seconds += len(sample.audio) / SAMPLE_RATE
        for word, truth in zip(found, sample.truth, strict=False):
            errors.starts.append(1000 * (word.start - truth.start))
            errors.phonemes.append(1000 * (word.start - truth.phoneme))
            errors.sounds.append(1000 * (word.start - truth.sound))
            errors.ends.append(1000 * (word.end - truth.end))
        errors.scores += [word.score for word in found]
        errors.aligned += [word.aligned for word in found]
    return errors


def line(name: str, errors: list[float]) -> str:
    signed, size = np.array(errors), np.abs(errors)
    figures = (size.mean(), np.median(size), np.percentile(size, 95), signed.mean(), signed.std())
    return f"{name:24}" + "".join(f"{figure:10.1f}" for figure in figures)


def report(name: str, errors: Errors) -> bool:
    """Prints the figures of one set and says whether they are within the limits."""
    columns = ("mean", "median", "p95", "bias", "spread")
    print(f"\n{name}: {len(errors.starts)} words".ljust(25) + "".join(f"{c:>10}" for c in columns))
    print(line("start error, ms", errors.starts))
    print(line("  to the first phoneme", errors.phonemes))
    print(line("  to the sound", errors.sounds))
    print(line("end error, ms", errors.ends))
    interpolated = 1 - float(np.mean(errors.aligned))
    score = float(np.mean(errors.scores))
    print(f"{'interpolated words':24}{interpolated:10.1%}")
    print(f"{'mean score':24}{score:10.2f}")
    print(f"{'work per audio second':24}{errors.work_seconds / errors.audio_seconds:10.3f}")
    return (
        max(
            float(np.mean(np.abs(found)))
            for found in (errors.starts, errors.phonemes, errors.sounds)
        )
        <= MEAN_START_LIMIT_MS
        and interpolated <= INTERPOLATED_LIMIT
        and score >= MATCHED_SCORE_LIMIT
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shuffle", action="store_true", help="align with another sentence")
    parser.add_argument("--tuning", action="store_true", help="also report the tuning sentences")
    options = parser.parse_args()
    voice, aligner = TimedVoice(), SphinxAligner()
    aligner.load()
    if options.tuning:
        report("tuning", measure(aligner, spoken_samples(voice, TUNING)))
    held_out = spoken_samples(voice, HELD_OUT)
    good = report("held out", measure(aligner, held_out, shuffle=options.shuffle))
    print("\nwithin limits" if good else "\noutside the limits")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
