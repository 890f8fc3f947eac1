"""Texts and audio that a command is given."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from gpuvoice.errors import GpuVoiceError


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
    """The bytes of a file, or of stdin for `-`."""
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


def _utf_8(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise GpuVoiceError(f"{name} is no text in UTF-8.") from None
