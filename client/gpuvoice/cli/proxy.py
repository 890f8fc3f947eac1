"""`gpuvoice proxy`: the servers at the addresses that clients know, and the console."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from typing import Any

import click

from gpuvoice.cli.options import ADDRESSES, printing, read_key
from gpuvoice.cli.output import Output
from gpuvoice.config import ClientConfig
from gpuvoice.errors import GpuVoiceError
from gpuvoice.proxy.announce import addresses, sentences
from gpuvoice.proxy.ports import Proxy, local_config
from gpuvoice.proxy.settings import LOOPBACK, ProxySettings

OPTIONS = (
    click.option(
        "--local", is_flag=True,
        help="Before the servers of `make run` on this machine: the console, without the two ports "
        "that they have already.",
    ),
    *ADDRESSES,
    click.option(
        "--origin", "origins", multiple=True, metavar="ORIGIN",
        help="A page that may call, such as http://localhost:3000; may be repeated. Without it "
        "every page of this machine may ask for speech and recognition.",
    ),
    click.option(
        "--allow-host", "allow_hosts", multiple=True, metavar="NAME",
        help="Another name that the proxy answers to; may be repeated.",
    ),
    click.option(
        "--host", default=LOOPBACK, show_default=True, metavar="ADDRESS",
        help="Where to listen; beyond this machine with a key of its own.",
    ),
    click.option(
        "--key-file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
        help="The proxy's own key, which callers then need (or GPUVOICE_PROXY_KEY).",
    ),
    click.option(
        "--patience", type=click.FloatRange(min=0), default=45, show_default=True,
        metavar="MINUTES", help="How long a call waits for the GPU.",
    ),
    click.option(
        "--wake", type=click.Choice(["work", "health", "never"]), default="work", show_default=True,
        help="What wakes a sleeping GPU: calls for work, health checks too, or nothing but "
        "`gpuvoice up`.",
    ),
)  # fmt: skip


def _with_options(command: Any) -> Any:
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.command()
@_with_options
@printing
def proxy(
    output: Output,
    url: str | None,
    tts_url: str | None,
    whisper_url: str | None,
    api_key_file: str | None,
    key_file: Path | None,
    patience: float,
    **given: Any,
) -> None:
    """Put the servers on localhost, with a console page.

    They are at http://localhost:5000 and 5001, as clients know them, and the console is at
    http://localhost:8080; TTS_PORT, WHISPERX_PORT and PROXY_PORT move them. The proxy adds the key,
    wakes the GPU when work comes, waits for it, and passes each answer on as it comes. Ctrl-C ends
    it.
    """
    settings = ProxySettings.from_env(key_file=key_file, patience_seconds=patience * 60, **given)
    key = read_key(api_key_file)
    if settings.local:
        config = local_config(settings, key)
    else:
        config = ClientConfig.resolve(
            url=url, speech_url=tts_url, recognition_url=whisper_url, api_key=key
        )
    made = Proxy(settings, config)

    def ready() -> None:
        if output.json:
            output.answer(addresses(made))
            sys.stdout.flush()
        for sentence in sentences(made):
            output.say(sentence)

    logging.basicConfig(stream=sys.stderr, format="%(message)s")
    asyncio.run(made.serve(ready))


if __name__ == "__main__":
    try:
        proxy()
    except GpuVoiceError as error:
        click.echo(f"gpuvoice: {error}", err=True)
        sys.exit(error.exit_code)
