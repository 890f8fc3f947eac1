"""Speak a presentation, verify it by transcription, time its words, and subtitle it.

Exit status: 0 when every check holds, 1 when one does not, 2 when a server is out of reach.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # also starts as a plain file
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "client"))

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
from examples.narration.options import Options, read_options
from examples.narration.report import last_line, print_report
from examples.narration.workflow import perform
from gpuvoice import (
    ClientConfig,
    GpuVoiceError,
    Patience,
    Recognition,
    Speech,
    Unreachable,
    Waiting,
)
from gpuvoice.addresses import checked, shown
from gpuvoice.http import Server
from gpuvoice.narration import read_narration
from gpuvoice.secret import Secret


def run(options: Options, talk: Console) -> int:
    """Run the workflow, write its files, print its tables; the exit status."""
    config, patience = _config(options), Patience(busy_seconds=options.patience_s)

    def waits(waiting: Waiting) -> None:
        _say(talk, f"{waiting.sentence} Asking again in {waiting.seconds:.0f} s.")

    with (
        Speech(config, patience=patience, on_wait=waits) as voice,
        Recognition(config, patience=patience, on_wait=waits) as ear,
    ):
        _greet(talk, "text-to-speech", voice)
        _greet(talk, "transcription", ear)
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


def _config(options: Options) -> ClientConfig:
    return ClientConfig(
        speech_url=checked(options.tts_url, "The text-to-speech URL"),
        recognition_url=checked(options.whisper_url, "The transcription URL"),
        api_key=Secret(options.api_key),
    )


def _greet(talk: Console, name: str, server: Server) -> None:
    """Say who answers."""
    health = server.ask("GET", "/health")
    device = health.get("gpu_name") or health.get("device") or "no GPU"
    _say(talk, f"{name}: {health.get('engine')} on {device} at {shown(server.url)}")


def _say(talk: Console, message: str) -> None:
    talk.print(message, markup=False, highlight=False, soft_wrap=True)


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
    except GpuVoiceError as error:
        talk.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return 2 if isinstance(error, Unreachable) else 1


if __name__ == "__main__":
    sys.exit(main())
