"""`gpuvoice config`."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from gpuvoice.addresses import shown
from gpuvoice.cli.config_init import (
    TWO_SERVERS,
    asked,
    entries_of,
    is_of_two_servers,
    kept_of,
    merged,
)
from gpuvoice.cli.options import ADDRESSES, printing, read_key
from gpuvoice.cli.output import Output
from gpuvoice.cli.written_config import not_ignored, write_config
from gpuvoice.config import FIELDS, FILE_NAME, ClientConfig, find_file, user_file
from gpuvoice.errors import ConfigError

URL, TTS_URL, WHISPER_URL, API_KEY_FILE = ADDRESSES


@click.group()
def config() -> None:
    """Say which servers are meant."""


@config.command()
@URL
@TTS_URL
@WHISPER_URL
@API_KEY_FILE
@click.option("--user", is_flag=True, help="For you in every folder, instead of for this folder.")
@click.option(
    "--force", is_flag=True, help="Change the file that is there; what is not named stays."
)
@printing
def init(
    output: Output,
    url: str | None,
    tts_url: str | None,
    whisper_url: str | None,
    api_key_file: str | None,
    user: bool,
    force: bool,
) -> None:
    """Write server_config.json.

    Without options it asks. The file lies in the working folder and holds for all folders below
    it; one that holds a key can be read by you alone. The team's scripts read it too. No option
    takes a key itself: other users of this machine would see it in the list of processes.
    """
    file = user_file() if user else Path.cwd() / FILE_NAME
    if file.exists() and not force:
        raise ConfigError(f"{file} is there already. --force changes it.")
    key, kept = read_key(api_key_file), kept_of(file)
    if not any((url, tts_url, whisper_url, key)) and sys.stdin.isatty():
        url, key = asked(kept)
    named = entries_of(url, tts_url, whisper_url, key)
    if not named:
        raise click.UsageError("Say what to write: --url, --tts-url and --whisper-url, or a key.")
    entries = merged(kept, named)
    write_config(file, entries)
    output.say(f"Wrote {file}. `gpuvoice doctor` tries it.")
    stayed = [name for name in entries if name not in named]
    if stayed:
        output.say(f"Kept from before: {', '.join(stayed)}.")
    if is_of_two_servers(url, tts_url, whisper_url):
        output.say(TWO_SERVERS)
    if "api_key" in entries and not_ignored(file):
        output.say(f"It holds a key, and git does not ignore it: add {FILE_NAME} to .gitignore.")
    if output.json:
        output.answer({"success": True, "file": str(file)})


@config.command()
@printing
def show(output: Output) -> None:
    """Show each value and where it comes from; the key is masked."""
    found = ClientConfig.resolve()
    values = {
        "speech_url": shown(found.speech_url),
        "recognition_url": shown(found.recognition_url),
        "power_url": shown(found.power_url),
        "api_key": str(found.api_key),
    }
    if output.json:
        told = {name: {"value": values[name], "source": found.sources[name]} for name in FIELDS}
        output.answer({"success": True, **told, "file": str(found.file) if found.file else None})
        return
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for name in FIELDS:
        source = Text(found.sources[name], style="dim")
        table.add_row(name, Text(values[name] or "none"), source)
    output.console.print(table)


@config.command()
@printing
def path(output: Output) -> None:
    """Print the path of the file that is read."""
    file = find_file(Path.cwd())
    if file is None:
        raise ConfigError(f"No {FILE_NAME} was found. `gpuvoice config init` writes one.")
    if output.json:
        output.answer({"success": True, "file": str(file)})
    else:
        output.data(str(file))
