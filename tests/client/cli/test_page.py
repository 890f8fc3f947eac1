"""docs/cli.md is what the commands' help says."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from gpuvoice.cli.commands import COMMANDS
from gpuvoice.cli.main import cli
from gpuvoice.cli.page import page

PAGE = Path(__file__).parents[3] / "docs/cli.md"


def test_the_page_is_as_generated() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make docs"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_each_commands_own_help_says(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.name == name
    assert " ".join((command.help or "").split("\n\n")[0].split()) == COMMANDS[name].summary


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_json(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    group = isinstance(command, click.Group)
    commands = list(command.commands.values()) if isinstance(command, click.Group) else [command]
    assert commands
    assert group or len(commands) == 1
    for each in commands:
        assert each is not None
        assert "--json" in [option for param in each.params for option in param.opts]
