"""What a narration came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gpuvoice.narration.outcome import Outcome
from gpuvoice.narration.word_errors import overall_error_rate


@dataclass(frozen=True)
class Report:
    """`outcomes` in the order of the presentation; `removed` are ids that are in it no more."""

    title: str
    outcomes: tuple[Outcome, ...]
    seconds: float
    removed: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every segment has a clip."""
        return all(outcome.take for outcome in self.outcomes)

    @property
    def faulty(self) -> list[Outcome]:
        """Those that are not as they should be."""
        return [outcome for outcome in self.outcomes if outcome.faults]

    @property
    def audio_s(self) -> float:
        """Seconds of speech, without the gaps."""
        return sum(outcome.take.duration_s for outcome in self.outcomes if outcome.take)

    @property
    def takes(self) -> int:
        """How many clips this run made."""
        return sum(outcome.takes for outcome in self.outcomes)

    @property
    def error_rate(self) -> float | None:
        """Overall word error rate; None where nobody listened."""
        found = [outcome.comparison for outcome in self.outcomes if outcome.comparison]
        return overall_error_rate(found) if found else None

    def as_json(self) -> dict[str, Any]:
        """report.json, and what `--json` prints."""
        return {
            "success": not self.faulty,
            "title": self.title,
            "complete": self.complete,
            "segments": len(self.outcomes),
            "faulty": [outcome.segment.id for outcome in self.faulty],
            "takes": self.takes,
            "removed": list(self.removed),
            "audio_seconds": round(self.audio_s, 3),
            "seconds": round(self.seconds, 3),
            "word_error_rate": _rounded(self.error_rate),
            "items": [_item(outcome) for outcome in self.outcomes],
        }


def _item(outcome: Outcome) -> dict[str, Any]:
    take, comparison = outcome.take, outcome.comparison
    item: dict[str, Any] = {"id": outcome.segment.id, "faults": list(outcome.faults)}
    if take is None:
        return item
    words = take.times.alignment.words if take.times else ()
    return {
        **item,
        "seed": take.seed,
        "attempts": take.attempts,
        "finish_reason": take.finish_reason,
        "duration": round(take.duration_s, 3),
        "real_time_factor": _rounded(take.call_seconds / take.duration_s if take.duration_s else 0),
        "word_error_rate": _rounded(comparison.error_rate if comparison else None),
        "heard": comparison.heard if comparison else None,
        "words": len(words),
        "interpolated": sum(not word.aligned for word in words),
    }


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)
