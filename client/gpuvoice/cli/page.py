"""The page docs/cli.md, from the help of each command: `python -m gpuvoice.cli.page`."""

from __future__ import annotations

from collections.abc import Iterator

import click

from gpuvoice.cli.commands import SECTIONS
from gpuvoice.cli.main import cli

HEAD = """# The command line

`make docs` writes this page from the commands' own help.

stdout is data and stderr is talk: what a command prints can go into a file or a pipe. With
`--json` stdout is one JSON object, of a failure too: `{"success": false, "error", "kind",
"exit_code"}`. `status --watch --json` prints one for each look.

**No option takes a key**: other users of the machine would see it in the list of processes. It
comes from `TTS_API_KEY`, from `server_config.json`, or from a file or stdin by `--api-key-file`.
Each value comes from the first place that has it: option, environment (`TTS_SERVER_URL`,
`WHISPER_URL`, `TTS_API_KEY`, `GPUVOICE_POWER_URL`), the nearest `server_config.json` upwards from
the working folder, the user's own (`~/.config/gpuvoice/server_config.json`),
`http://localhost:5000` and `:5001`. `gpuvoice config show` tells which.

**A GPU that sleeps** is woken by the call that needs it, which waits for up to `--patience`
minutes and tells on stderr how far the start is. `--start-gpu` shows each stage of the start
instead.

![status --watch during a start](img/status-watch.svg)
"""
COLUMNS = 88


def page() -> str:
    """The page as Markdown."""
    text = HEAD + _fenced(_help(cli, "gpuvoice", None))
    for title, entries in SECTIONS.items():
        text += f"\n## {title}\n"
        for name in entries:
            for called, shown in _commands(name):
                text += f"\n### {called}\n{_fenced(shown)}"
    return text


def _commands(name: str) -> Iterator[tuple[str, str]]:
    """A command and those below it, with their help."""
    root = click.Context(cli, info_name="gpuvoice")
    command = cli.get_command(root, name)
    if command is None:
        return
    yield f"gpuvoice {name}", _help(command, name, root)
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=name, parent=root)
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            if found is not None:
                yield f"gpuvoice {name} {below}", _help(found, below, context)


def _help(command: click.Command, name: str, parent: click.Context | None) -> str:
    # The width of the terminal that happens to be there must not show.
    context = click.Context(
        command, parent, info_name=name, terminal_width=COLUMNS, max_content_width=COLUMNS,
        help_option_names=["-h", "--help"],
    )  # fmt: skip
    return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


def _fenced(text: str) -> str:
    return f"\n```\n{text}\n```\n"


if __name__ == "__main__":
    click.echo(page(), nl=False)
