"""What `gpuvoice config init` asks for and puts into the file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click
import httpx

from gpuvoice.addresses import checked, is_loopback
from gpuvoice.config import is_strangers, read_file
from gpuvoice.errors import ConfigError

TWO_SERVERS = (
    "Its /tts and /whisperx are meant, as a proxy has them (`gpuvoice proxy`). The servers of this "
    "machine have no such paths: name each of them, with --tts-url and --whisper-url."
)


def asked(kept: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Address and key, from a person; empty ones are None."""
    url = click.prompt(
        f"Address of the deployment (empty: {_as_now(kept, 'server_url', 'this machine')})",
        default="", show_default=False, err=True, value_proc=_address,
    )  # fmt: skip
    key = click.prompt(
        f"Key (not shown; empty: {_as_now(kept, 'api_key', 'none')})",
        default="", show_default=False, hide_input=True, err=True,
    )  # fmt: skip
    return url or None, key or None


def entries_of(
    url: str | None, tts_url: str | None, whisper_url: str | None, key: str | None
) -> dict[str, str]:
    """What the file shall hold. Raises ConfigError."""
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


def kept_of(file: Path) -> dict[str, str]:
    """What a file that is there holds; nothing of a broken one, or of a stranger's."""
    if not file.is_file() or is_strangers(file):
        return {}
    try:
        return read_file(file)
    except ConfigError:
        return {}


def merged(kept: Mapping[str, str], entries: Mapping[str, str]) -> dict[str, str]:
    """What is not named stays, but not the power switch of other servers."""
    stays = {**kept}
    if "server_url" in entries:
        stays.pop("power_url", None)
    return {**stays, **entries}


def is_of_two_servers(url: str | None, tts_url: str | None, whisper_url: str | None) -> bool:
    """Whether an address looks like that of one local server."""
    if not url or (tts_url and whisper_url):
        return False
    parsed = httpx.URL(checked(url, "--url"))
    return is_loopback(parsed.host) and parsed.port is not None and parsed.path == "/"


def _address(typed: str) -> str:
    """Asked for again where it is none."""
    text = typed.strip()
    if text and "://" not in text:
        host = text.split("/")[0].rsplit(":", 1)[0]
        text = f"{'http' if is_loopback(host) else 'https'}://{text}"
    try:
        return checked(text, "The address") if text else ""
    except ConfigError as error:
        raise click.UsageError(str(error)) from None


def _as_now(kept: Mapping[str, str], entry: str, otherwise: str) -> str:
    return "as it is" if entry in kept else otherwise
