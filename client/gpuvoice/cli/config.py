"""`gpuvoice config`."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from gpuvoice.addresses import checked, shown
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
@click.option("--force", is_flag=True, help="Overwrite the file that is there.")
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
        raise ConfigError(f"{file} is there already. --force overwrites it.")
    key = read_key(api_key_file)
    if not any((url, tts_url, whisper_url, key)) and sys.stdin.isatty():
        url, key = _ask()
    entries = _entries(url, tts_url, whisper_url, key)
    if not entries:
        raise click.UsageError("Say what to write: --url, --tts-url and --whisper-url, or a key.")
    write_config(file, entries)
    output.say(f"Wrote {file}. `gpuvoice doctor` tries it.")
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


def _ask() -> tuple[str | None, str | None]:
    url = click.prompt(
        "Address of the deployment (empty: the servers of this machine)",
        default="", show_default=False, err=True,
    )  # fmt: skip
    key = click.prompt(
        "Key (not shown; empty: none)", default="", show_default=False, hide_input=True, err=True
    )
    if not url:
        return None, key or None
    return url, key or None


def _entries(
    url: str | None, tts_url: str | None, whisper_url: str | None, key: str | None
) -> dict[str, str]:
    """What the file holds. Raises ConfigError."""
    base = checked(url, "--url") if url else None
    speech = tts_url or (f"{base}/tts" if base else None)
    recognition = whisper_url or (f"{base}/whisperx" if base else None)
    entries = {
        "server_url": checked(speech, "--tts-url") if speech else "",
        "whisper_url": checked(recognition, "--whisper-url") if recognition else "",
        "api_key": key or "",
    }
    if base and tts_url:
        entries["power_url"] = f"{base}/power"
    return {name: value for name, value in entries.items() if value}
