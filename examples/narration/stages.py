"""One stage of the workflow: all items, some at a time, with a bar and a stopwatch."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.progress import Progress

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Stage(Generic[Result]):
    """What a stage made, one result for each item, and the wall seconds it took."""

    name: str
    results: list[Result]
    wall_s: float

    def real_time_factor(self, audio_s: float) -> float:
        """Wall seconds for each second of audio; below 1 is faster than real time."""
        return self.wall_s / audio_s if audio_s else 0.0


def run_stage(
    name: str,
    items: Sequence[Item],
    one_batch: Callable[[Sequence[Item]], list[Result]],
    *,
    batch_size: int,
    progress: Progress,
) -> Stage[Result]:
    """Call `one_batch` for every `batch_size` items."""
    bar = progress.add_task(name, total=len(items))
    began = time.perf_counter()
    results: list[Result] = []
    for first in range(0, len(items), batch_size):
        batch = items[first : first + batch_size]
        results += one_batch(batch)
        progress.advance(bar, len(batch))
    return Stage(name, results, time.perf_counter() - began)
