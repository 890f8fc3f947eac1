"""`gpuvoice`: where every command begins."""

from __future__ import annotations

import click

from gpuvoice.cli.loading import Commands
from gpuvoice.version import __version__

# \b keeps the lines of a paragraph as they are.
EXIT_CODES = """\b
Exit codes:
  0    done
  1    another failure: a file that cannot be written, a player
  2    wrong usage, unusable settings, a file that is missing or cannot be read,
       or a package that is not installed
  3    nobody answered: name, connection, certificate, cut off
  4    the key was refused
  5    the request was refused: it has to be changed; or the server has no power switch
  6    asleep, starting or busy for longer than --patience
  7    the server failed
  8    a narration ended with clips that are not as they should be
  9    doctor found a failure
  130  interrupted (Ctrl-C); `status --watch` and `proxy` end with 0 then
"""


@click.group(
    cls=Commands,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="gpuvoice")
def cli() -> None:
    """Speech from a GPU that is on when somebody needs it and off when nobody does.

    Which servers are meant: the options, or TTS_SERVER_URL, WHISPER_URL and TTS_API_KEY in the
    environment, or the nearest server_config.json upwards from the working folder (`gpuvoice
    config init` writes one), or else the servers of this machine.
    """


def main() -> None:
    """What the installed command runs."""
    cli(prog_name="gpuvoice")
