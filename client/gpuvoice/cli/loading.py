"""A group of commands that imports a command's module when it is called, and ends in words."""

from __future__ import annotations

import errno
import json
from importlib import import_module
from typing import NoReturn, cast

import click

from gpuvoice.cli.commands import COMMANDS, SECTIONS
from gpuvoice.errors import GpuVoiceError

INTERRUPTED = 130
# In the context of a run: whether stdout is for programs.
JSON = "gpuvoice.json"


class Commands(click.Group):
    """`gpuvoice` itself: each failure ends as one sentence and a documented exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, name = entry.where.partition(":")
        return cast("click.Command", getattr(import_module(module), name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        widest = max(map(len, COMMANDS))
        for title, entries in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(
                    [(name.ljust(widest), entry.summary) for name, entry in entries.items()]
                )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # Looked for before anything is read: what is typed wrong may stand before it.
        options = args[: args.index("--")] if "--" in args else args
        ctx.meta[JSON] = "--json" in options
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            _misused(ctx, error)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            _misused(ctx, error)
        except GpuVoiceError as error:
            _fail(ctx, str(error), type(error).__name__, error.exit_code)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            where = f"{error.filename}: " if error.filename else ""
            why = error.strerror or str(error)
            _fail(ctx, f"{where}{why}", "OSError", GpuVoiceError.exit_code)
        except (KeyboardInterrupt, click.Abort):
            _fail(ctx, "Interrupted.", "Interrupted", INTERRUPTED)


def failure(error: str, kind: str, exit_code: int) -> dict[str, object]:
    """What `--json` prints of a failure."""
    return {"success": False, "error": error, "kind": kind, "exit_code": exit_code}


def _misused(ctx: click.Context, error: click.UsageError) -> NoReturn:
    """The usage on stderr, as click shows it."""
    if not ctx.meta.get(JSON):
        raise error
    error.show()
    click.echo(json.dumps(failure(error.format_message(), "UsageError", error.exit_code)))
    ctx.exit(error.exit_code)


def _fail(ctx: click.Context, error: str, kind: str, exit_code: int) -> NoReturn:
    click.echo(f"gpuvoice: {error}", err=True)
    if ctx.meta.get(JSON):
        click.echo(json.dumps(failure(error, kind, exit_code)))
    ctx.exit(exit_code)
