"""`gpuvoice narrate`."""

from __future__ import annotations

from pathlib import Path

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from gpuvoice.cli.loading import failure
from gpuvoice.cli.options import working
from gpuvoice.cli.output import Output
from gpuvoice.cli.session import Session
from gpuvoice.errors import VerificationFailed
from gpuvoice.narration import Narration, Report, Settings, read_narration
from gpuvoice.narration import narrate as perform
from gpuvoice.narration.display import following
from gpuvoice.recognition import Recognition
from gpuvoice.speech import Speech

GO_ON = "Everything that was done is kept: the same command goes on from here."


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "-d", "--directory", "folder", metavar="OUT", required=True,
    type=click.Path(path_type=Path, file_okay=False), help="Folder for all files; made if missing.",
)  # fmt: skip
@click.option(
    "--verify", metavar="RATE", type=click.FloatRange(min=0),
    help="Listen to each clip, and speak it again above this word error rate: 0.1 is 10 %.",
)  # fmt: skip
@click.option(
    "--tries", type=click.IntRange(min=1), default=3, show_default=True,
    help="Takes that a segment gets at most.",
)  # fmt: skip
@click.option("--language", metavar="CODE", default="", help="ISO 639-1 code, as in: de.")
@click.option("--voice", metavar="NAME", default="", help="Who speaks; a segment's own wins.")
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), metavar="NUMBER",
    help="Seed of each first take, to make the same ones elsewhere.",
)  # fmt: skip
@click.option(
    "--parallel", type=click.IntRange(1, 64), default=8, show_default=True,
    help="Segments under way at once.",
)  # fmt: skip
@click.option(
    "--gap", metavar="SECONDS", type=click.FloatRange(0, 60), default=0.4, show_default=True,
    help="Silence between two segments of narration.wav.",
)  # fmt: skip
@click.option("--no-align", is_flag=True, help="No word times, and so no subtitles.")
@working
def narrate(
    session: Session,
    file: Path,
    folder: Path,
    verify: float | None,
    tries: int,
    language: str,
    voice: str,
    seed: int | None,
    parallel: int,
    gap: float,
    no_align: bool,
) -> None:
    """Speak, verify, align and subtitle a whole presentation.

    FILE is {"title", "segments": [{"id", "text", "instruct", "voice", "language"}, ...]} (only id
    and text are needed), a list of such segments, or a .txt with one segment a paragraph.

    Each result is kept the moment it is there. After Ctrl-C, or a server that was lost for good,
    the same command goes on; and with nothing changed it has nothing to do.

    In OUT: narration.wav, narration.vtt, narration.srt, alignment.json, report.json, clips/.
    """
    narration = read_narration(file)
    settings = Settings(
        verify, tries, language.strip(), voice.strip(), seed, parallel, gap, not no_align
    )
    try:
        report = _performed(session, narration, folder, settings)
    except KeyboardInterrupt:
        session.output.say(GO_ON)
        raise
    _tell(session.output, report, folder)
    if report.faulty and session.output.json:
        raise click.exceptions.Exit(VerificationFailed.exit_code)
    if report.faulty:
        raise VerificationFailed(_summary(report, folder))


def _performed(session: Session, narration: Narration, folder: Path, settings: Settings) -> Report:
    session.awake()
    output, total = session.output, len(narration.segments)
    with (
        following(total, output.talk, output.say, live=output.live) as watch,
        Speech(session.config, patience=session.patience, on_wait=watch.waits) as speech,
        Recognition(session.config, patience=session.patience, on_wait=watch.waits) as recognition,
    ):
        return perform(
            narration,
            folder,
            speech=speech,
            recognition=recognition,
            settings=settings,
            watch=watch,
        )


def _tell(output: Output, report: Report, folder: Path) -> None:
    if report.faulty:
        output.talk.print(_faults(report))
    if output.json:
        output.answer({**_outcome(report, folder), **report.as_json()})
    elif not report.faulty:
        output.say(_summary(report, folder))


def _outcome(report: Report, folder: Path) -> dict[str, object]:
    if not report.faulty:
        return {}
    code = VerificationFailed.exit_code
    return failure(_summary(report, folder), VerificationFailed.__name__, code)


def _faults(report: Report) -> Table:
    table = Table(box=SIMPLE_HEAD, title="Not as it should be")
    table.add_column("id", no_wrap=True)
    table.add_column("takes", justify="right")
    table.add_column("why")
    for outcome in report.faulty:
        takes = str(outcome.take.attempts) if outcome.take else ""
        table.add_row(outcome.segment.id, takes, Text("; ".join(outcome.faults)))
    return table


def _summary(report: Report, folder: Path) -> str:
    rate = report.error_rate
    errors = "" if rate is None else f", word error rate {rate:.2%}"
    total, faulty = len(report.outcomes), len(report.faulty)
    figures = f"{total} segments, {report.audio_s:.1f} s of speech, {report.takes} made now{errors}"
    if not report.complete:
        return (
            f"{faulty} of {total} segments are not as they should be, and some have no clip: "
            f"narration.wav was not written. Change them and run it again."
        )
    if faulty:
        return (
            f"{faulty} of {total} segments are not as they should be, the rest is in {folder} "
            f"({figures}). Change their texts, or give them more --tries."
        )
    return f"Done: {figures}, in {folder}."
