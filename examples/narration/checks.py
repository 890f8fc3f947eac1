"""What must be true of a finished presentation."""

from dataclasses import dataclass

from examples.narration.take import Take
from gpuvoice.narration.word_times import fault_in


@dataclass(frozen=True)
class Check:
    """A promise, whether it was kept, and the figures that show it."""

    promise: str
    kept: bool
    found: str


def checks_of(take: Take, *, max_wer: float, max_segment_wer: float) -> list[Check]:
    """Check a take; `max_wer` and `max_segment_wer` are word error rates, 0.08 for 8 %."""
    return [
        _all_spoken(take),
        Check(
            f"overall word error rate at most {max_wer:.1%}",
            take.error_rate <= max_wer,
            f"overall word error rate {take.error_rate:.1%}",
        ),
        _no_stranger(take, max_segment_wer),
        _words_in_place(take),
    ]


def _all_spoken(take: Take) -> Check:
    silent = [part.segment.id for part in take.segments if not any(part.recording.pcm)]
    found = f"{len(take.segments) - len(silent)} of {len(take.narration.segments)} segments spoken"
    return Check("every segment is spoken", not silent, _with_names(found, silent))


def _no_stranger(take: Take, limit: float) -> Check:
    """Two recordings that changed places hardly move the overall rate; here they show."""
    strangers = [p.segment.id for p in take.segments if p.comparison.error_rate > limit]
    found = f"{len(strangers)} segments above {limit:.0%}"
    promise = f"no segment's word error rate above {limit:.0%}"
    return Check(promise, not strangers, _with_names(found, strangers))


def _words_in_place(take: Take) -> Check:
    faults = [
        f"{part.segment.id} ({fault})"
        for part in take.segments
        if (fault := fault_in(part.alignment, part.segment.text, part.recording.duration_s))
    ]
    found = f"{len(take.words)} words timed, {len(faults)} segments at fault"
    promise = "one timed word for each word of the text, in order"
    return Check(promise, not faults, _with_names(found, faults))


def _with_names(found: str, names: list[str]) -> str:
    shown = names[:5] + ([f"{len(names) - 5} more"] if len(names) > 5 else [])
    return f"{found}: {', '.join(shown)}" if names else found
