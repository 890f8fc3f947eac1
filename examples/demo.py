"""Speak a presentation, verify it by transcription, time its words, and subtitle it.

Exit status: 0 when every check holds, 1 when one does not, 2 when a server is out of reach.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # also starts as a plain file

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

from examples.narration.checks import checks_of
from examples.narration.delivery import write_files
from examples.narration.failures import DemoError, ServerUnreachable
from examples.narration.options import Options, read_options
from examples.narration.report import last_line, print_report
from examples.narration.script import read_narration
from examples.narration.servers import SpeechServer
from examples.narration.workflow import perform

GENERATE_TIMEOUT_S = 3 * 3600.0
WHISPER_TIMEOUT_S = 600.0


def run(options: Options, talk: Console) -> int:
    """Run the workflow, write its files, print its tables; the exit status."""
    voice, ear = _servers(options, talk)
    narration = read_narration(options.narration)
    with _progress(talk) as progress:
        take = perform(
            narration,
            voice,
            ear,
            batch_size=options.batch_size,
            shuffle=options.shuffle,
            progress=progress,
        )
    write_files(take, options.out, options.gap_s)
    checks = checks_of(take, max_wer=options.max_wer, max_segment_wer=options.max_segment_wer)
    console = Console()
    print_report(take, checks, console)
    console.print(last_line(take, checks, str(options.out)), markup=False, soft_wrap=True)
    return 0 if all(check.kept for check in checks) else 1


def _servers(options: Options, talk: Console) -> tuple[SpeechServer, SpeechServer]:
    """Both servers, after each has said who it is."""

    def say(message: str) -> None:
        talk.print(message, markup=False, highlight=False, soft_wrap=True)

    def server(name: str, url: str, read_timeout_s: float) -> SpeechServer:
        found = SpeechServer(
            name,
            url,
            api_key=options.api_key,
            read_timeout_s=read_timeout_s,
            patience_s=options.patience_s,
            talk=say,
        )
        health = found.health()
        device = health.get("gpu_name") or health.get("device") or "no GPU"
        say(f"{name}: {health.get('engine')} on {device} at {found.shown_url}")
        return found

    return (
        server("text-to-speech", options.tts_url, GENERATE_TIMEOUT_S),
        server("transcription", options.whisper_url, WHISPER_TIMEOUT_S),
    )


def _progress(talk: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=talk,
    )


def main() -> int:
    """Run with the command line's and the environment's settings."""
    talk = Console(stderr=True)
    try:
        return run(read_options(sys.argv[1:]), talk)
    except DemoError as error:
        talk.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return 2 if isinstance(error, ServerUnreachable) else 1


if __name__ == "__main__":
    sys.exit(main())
