"""Texts and audio that a command is given."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from gpuvoice.errors import ConfigError

# For what a shell completes: whether it can be read is said by `bytes_of`, in one sentence.
READ = click.Path(readable=False, allow_dash=True)


def text_of(words: Sequence[str], file: str | None) -> str:
    """The text on the command line, in a file, or on stdin (`-`, or nothing else in a pipe)."""
    if words and file is not None:
        raise click.UsageError("Give a text or -f FILE, not both.")
    if file not in (None, "-"):
        return _utf_8(bytes_of(str(file)), str(file))
    if words and list(words) != ["-"]:
        return " ".join(words)
    if not words and file is None and sys.stdin.isatty():
        raise click.UsageError("Give a text, -f FILE, or - for stdin.")
    return _utf_8(sys.stdin.buffer.read(), "stdin")


def bytes_of(file: str) -> bytes:
    """The bytes of a file, or of stdin for `-`. Raises ConfigError."""
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror or error}.") from None


def is_readable(file: str) -> bool:
    """Whether `bytes_of` is worth trying; nothing is read."""
    return file == "-" or (os.access(file, os.R_OK) and not Path(file).is_dir())


def _utf_8(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{name} is no text in UTF-8.") from None
