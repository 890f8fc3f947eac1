"""Tables and the last line of a run."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from examples.narration.checks import Check
from examples.narration.take import Take


def print_report(take: Take, checks: Sequence[Check], console: Console) -> None:
    """Print a row for each segment, the totals, and each check."""
    console.print(_segment_table(take))
    console.print(_total_table(take))
    for check in checks:
        verdict = "kept  " if check.kept else "BROKEN"
        console.print(f"{verdict}  {check.promise}: {check.found}", markup=False, soft_wrap=True)


def _segment_table(take: Take) -> Table:
    table = Table(title=escape(take.narration.title), box=SIMPLE_HEAD, expand=True)
    table.add_column("id", no_wrap=True)
    table.add_column("text", no_wrap=True, overflow="ellipsis", ratio=1)
    for name in ("seconds", "words", "interpolated", "edits", "WER"):
        table.add_column(name, justify="right", no_wrap=True)
    for part in take.segments:
        words = part.alignment.words
        table.add_row(
            part.segment.id,
            escape(part.segment.text),
            f"{part.recording.duration_s:.2f}",
            str(len(words)),
            str(sum(not word.aligned for word in words)),
            f"{part.comparison.edits}/{part.comparison.reference_words}",
            f"{part.comparison.error_rate:.1%}",
        )
    return table


def _total_table(take: Take) -> Table:
    table = Table(
        title="Stages (real-time factor: wall seconds for a second of audio)", box=SIMPLE_HEAD
    )
    table.add_column("stage")
    for name in ("segments", "audio s", "wall s", "real-time factor"):
        table.add_column(name, justify="right")
    for stage in take.stages:
        factor = stage.real_time_factor(take.audio_s)
        row = (str(len(stage.results)), f"{take.audio_s:.1f}", f"{stage.wall_s:.1f}")
        table.add_row(stage.name, *row, f"{factor:.3f}")
    return table


def last_line(take: Take, checks: Sequence[Check], out: str) -> str:
    """One sentence with the figures of the run."""
    broken = [check.found for check in checks if not check.kept]
    walls = ", ".join(f"{stage.name} {stage.wall_s:.1f} s" for stage in take.stages)
    figures = (
        f"{len(take.segments)} segments, {take.audio_s:.1f} s of speech in {out} "
        f"({walls}), overall WER {take.error_rate:.2%}, "
        f"{take.unaligned_share:.1%} of {len(take.words)} words interpolated"
    )
    return f"FAILED: {'; '.join(broken)}: {figures}." if broken else f"Done: {figures}."
