"""`gpuvoice completion`."""

from __future__ import annotations

from typing import cast

import click
from click.shell_completion import ShellComplete, get_completion_class

from gpuvoice.cli.options import printing
from gpuvoice.cli.output import Output

VARIABLE = "_GPUVOICE_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
@printing
def completion(ctx: click.Context, output: Output, shell: str) -> None:
    """Print what makes TAB complete commands.

    \b
    bash  gpuvoice completion bash > ~/.local/share/bash-completion/completions/gpuvoice
    zsh   gpuvoice completion zsh > "${fpath[1]}/_gpuvoice"
    fish  gpuvoice completion fish > ~/.config/fish/completions/gpuvoice.fish

    A new shell has it. In bash the package bash-completion must be there; without it, put the
    text into a file and source that in ~/.bashrc.
    """
    kind = cast("type[ShellComplete]", get_completion_class(shell))
    script = kind(ctx.find_root().command, {}, "gpuvoice", VARIABLE).source()
    if output.json:
        output.answer({"success": True, "shell": shell, "script": script})
    else:
        output.data(script)
