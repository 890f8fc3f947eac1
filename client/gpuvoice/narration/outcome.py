"""What became of one segment."""

from __future__ import annotations

from dataclasses import dataclass

from gpuvoice.narration.script import Segment
from gpuvoice.narration.take import Take
from gpuvoice.narration.word_errors import Comparison


@dataclass(frozen=True)
class Outcome:
    """`faults` are sentences, empty when all is as it should be; without a `take` there is no
    clip. `comparison` is None where nobody listened; `takes` is how many this run made."""

    segment: Segment
    take: Take | None = None
    comparison: Comparison | None = None
    faults: tuple[str, ...] = ()
    takes: int = 0
