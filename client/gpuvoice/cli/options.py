"""Options that several commands have, and what a command gets for them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import Any

import click

from gpuvoice.cli.inputs import READ
from gpuvoice.cli.loading import JSON
from gpuvoice.cli.output import Output
from gpuvoice.cli.session import Session
from gpuvoice.config import ClientConfig
from gpuvoice.errors import ConfigError
from gpuvoice.http import Patience

Command = Callable[..., Any]


def _told_json(ctx: click.Context, parameter: click.Parameter, value: bool) -> bool:
    # Early, so that a failure knows it too.
    ctx.meta[JSON] = value
    return value


JSON_OPTION = click.option(
    "--json", "as_json", is_flag=True, is_eager=True, callback=_told_json,
    help="Print JSON on stdout, failures too.",
)  # fmt: skip
QUIET = click.option("-q", "--quiet", is_flag=True, help="No talk on stderr but errors.")
ADDRESSES = (
    click.option(
        "--url", metavar="URL",
        help="Address of a deployment; /tts, /whisperx and /power are appended.",
    ),
    click.option("--tts-url", metavar="URL", help="Address of the speech server alone."),
    click.option("--whisper-url", metavar="URL", help="Address of the recognition server alone."),
    click.option(
        "--api-key-file", metavar="FILE", type=READ,
        help="File that holds the key; - reads it from stdin.",
    ),
)  # fmt: skip
PATIENCE = click.option(
    "--patience", metavar="MINUTES", type=click.FloatRange(min=0), default=30, show_default=True,
    help="How long to wait for a server that sleeps or is busy.",
)  # fmt: skip
START_GPU = click.option(
    "--start-gpu", is_flag=True, help="Start the GPU first, and show how far the start is."
)


def printing(command: Command) -> Command:
    """Adds --json and --quiet; the command gets `output`."""

    @wraps(command)
    def run(*args: Any, as_json: bool, quiet: bool, **kwargs: Any) -> Any:
        return command(*args, output=Output(as_json, quiet), **kwargs)

    return _with(run, JSON_OPTION, QUIET)


def connecting(command: Command) -> Command:
    """Adds the options of `printing`, where the servers are, and --patience; the command gets
    `session`."""

    @wraps(command)
    def run(
        *args: Any,
        url: str | None,
        tts_url: str | None,
        whisper_url: str | None,
        api_key_file: str | None,
        patience: float,
        output: Output,
        start_gpu: bool = False,
        **kwargs: Any,
    ) -> Any:
        resolve = partial(
            ClientConfig.resolve,
            url=url,
            speech_url=tts_url,
            recognition_url=whisper_url,
            api_key=read_key(api_key_file),
        )
        waits = Patience(busy_seconds=patience * 60)
        session = Session(resolve, output, patience=waits, start_gpu=start_gpu)
        return command(*args, session=session, **kwargs)

    return _with(printing(run), *ADDRESSES, PATIENCE)


def working(command: Command) -> Command:
    """Adds the options of `connecting` and --start-gpu; the command gets `session`."""
    return START_GPU(connecting(command))


def read_key(file: str | None) -> str | None:
    """The key in a file, or on stdin for `-`. Raises ConfigError."""
    if file is None:
        return None
    try:
        text = sys.stdin.readline() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, ValueError):
        raise ConfigError(f"The key file {file} cannot be read.") from None
    if not text.strip():
        raise ConfigError("The key file is empty." if file != "-" else "stdin holds no key.")
    return text.strip()


def _with(command: Command, *options: Callable[[Command], Command]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
