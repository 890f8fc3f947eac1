"""What a command prints: data to stdout, talk to stderr."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import click
from rich.console import Console

# A pipe has no width; lines that somebody greps should not be folded.
PIPE_COLUMNS = 160


@dataclass(frozen=True)
class Output:
    """`json`: stdout is for programs. `quiet`: no talk but errors."""

    json: bool = False
    quiet: bool = False

    @cached_property
    def console(self) -> Console:
        """stdout for people: colours on a terminal, plain text in a pipe."""
        console = Console(highlight=False)
        return console if console.is_terminal else Console(highlight=False, width=PIPE_COLUMNS)

    @cached_property
    def talk(self) -> Console:
        """stderr for people."""
        return Console(stderr=True, highlight=False, quiet=self.quiet)

    @property
    def live(self) -> bool:
        """Whether somebody sees a line on stderr change."""
        return self.talk.is_terminal and not self.quiet

    def data(self, text: str) -> None:
        """A line of stdout."""
        click.echo(text)

    def answer(self, data: Mapping[str, Any]) -> None:
        """stdout of `--json`."""
        click.echo(json.dumps(data, ensure_ascii=False))

    def say(self, text: str) -> None:
        """A line of stderr."""
        if not self.quiet:
            click.echo(text, err=True)
