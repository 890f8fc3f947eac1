"""Files that a command writes: looked at before the work, which may take ten minutes."""

from __future__ import annotations

import os
from pathlib import Path

import click

# A folder, and a file that may not be written, are refused when the command line is read.
WRITTEN = click.Path(dir_okay=False, readable=False, writable=True, allow_dash=True)


def make_folder_of(out: str | None) -> None:
    """The folder in which a file will lie, made where it is missing. Raises click.BadParameter."""
    if out in (None, "-"):
        return
    folder = Path(str(out)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refused(f"the folder {folder} cannot be made: {error.strerror or error}.") from None
    if not Path(str(out)).exists() and not os.access(folder, os.W_OK):
        raise _refused(f"nothing may be written into {folder}.")


def _refused(why: str) -> click.BadParameter:
    return click.BadParameter(why, param_hint="'-o'")
