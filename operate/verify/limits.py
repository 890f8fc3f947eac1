"""What a slot has to keep: limits for any slot, and limits by what the active slot did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """A figure is `at_least` and `at_most`, and no worse than the active slot's figure times
    `factor` plus `more`, where that is set. `of_gpu`: it is one of slots whose engines compute on a
    GPU. A figure that was not measured is not passed.
    """

    figure: str
    words: str
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    more: float | None = None
    factor: float = 1.0
    of_gpu: bool = False


LIMITS = (
    Limit("speech_word_errors", "speech, word errors", "%", at_most=0.12, more=0.04),
    Limit("speech_worst_word_errors", "speech, word errors of the worst text", "%", at_most=0.4),
    Limit("speech_fastest", "speech, fastest text", "s a character", at_least=0.03),
    Limit("speech_slowest", "speech, slowest text", "s a character", at_most=0.16),
    Limit("speech_silence", "speech, silence in a text", "%", at_most=0.65),
    Limit("speech_clipped", "speech, clipped samples in a text", "%", at_most=0.002),
    Limit("speech_other_format", "speech, files not 24000 Hz mono 16 bit", "", at_most=0),
    Limit(
        "speech_seconds", "speech, work", "s a second", at_most=10, factor=1.5, more=0.05
    ),
    Limit("transcription_word_errors", "transcription, word errors", "%", at_most=0.08, more=0.03),
    Limit(
        "transcription_worst_word_errors",
        "transcription, word errors of the worst recording",
        "%",
        at_most=0.25,
    ),
    Limit(
        "transcription_seconds", "transcription, work", "s a second",
        at_most=5, factor=1.5, more=0.05,
    ),
    Limit("alignment_not_positional", "alignment, recordings with misplaced words", "", at_most=0),
    Limit("alignment_median", "alignment, median start error", "s", at_most=0.12, more=0.04),
    Limit("alignment_p95", "alignment, 95th percentile of it", "s", at_most=0.35, more=0.1),
    Limit("alignment_interpolated", "alignment, words only interpolated", "%", at_most=0.1),
    Limit(
        "alignment_seconds", "alignment, work", "s a second", at_most=5, factor=1.5, more=0.05
    ),
    Limit(
        "vram_percent", "GPU memory", "points of 100", at_most=97, more=10, of_gpu=True
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """One figure against one limit; None where it was not measured."""

    name: str
    figure: float | None
    limit: str
    passed: bool
    unit: str

    @property
    def shown(self) -> str:
        return "not measured" if self.figure is None else _shown(self.figure, self.unit)


def judge(
    figures: Mapping[str, float | None], before: Mapping[str, float | None], *, gpu: bool
) -> list[Check]:
    """Each limit that applies; `before` is the active slot's record, empty without one. `gpu`:
    whether the slot's engines compute on one."""
    applying = [limit for limit in LIMITS if gpu or not limit.of_gpu]
    return [check for limit in applying for check in _checks(limit, figures, before)]


def _checks(
    limit: Limit, figures: Mapping[str, float | None], before: Mapping[str, float | None]
) -> Iterator[Check]:
    figure = figures.get(limit.figure)

    def check(sentence: str, passed: bool) -> Check:
        return Check(limit.words, figure, sentence, passed, limit.unit)

    if limit.at_least is not None:
        sentence = f"at least {_shown(limit.at_least, limit.unit)}"
        yield check(sentence, figure is not None and figure >= limit.at_least)
    if limit.at_most is not None:
        sentence = f"at most {_shown(limit.at_most, limit.unit)}"
        yield check(sentence, figure is not None and figure <= limit.at_most)
    old = before.get(limit.figure)
    if limit.more is not None and old is not None:
        most = old * limit.factor + limit.more
        sentence = (
            f"at most {_shown(most, limit.unit)}, by the active slot's {_shown(old, limit.unit)}"
        )
        yield check(sentence, figure is not None and figure <= most)


def _shown(value: float, unit: str) -> str:
    if unit == "%":
        return f"{value:.1%}"
    return f"{value:.3f}".rstrip("0").rstrip(".") + (f" {unit}" if unit else "")
