"""`gpuvoice status`."""

from __future__ import annotations

import time
from contextlib import suppress

import click
from rich.live import Live

from gpuvoice.cli.chain import Chain
from gpuvoice.cli.loading import failure
from gpuvoice.cli.options import connecting
from gpuvoice.cli.servers import look_at_servers, servers_table
from gpuvoice.cli.session import Session
from gpuvoice.cli.starting import Changes
from gpuvoice.errors import PowerMissing, Unreachable
from gpuvoice.power import Power

WATCH_SECONDS = 3.0


@click.command()
@click.option("-w", "--watch", is_flag=True, help="Go on showing it until Ctrl-C.")
@connecting
def status(session: Session, watch: bool) -> None:
    """Show how far it is, and what it costs.

    The state of the GPU with each stage of its start, when it stops by itself, leases and the cost
    of the month. Looking wakes nothing. Servers without a power switch are asked for their health.
    With --watch on a pipe: a line for each change.
    """
    with session.power() as power:
        try:
            if watch:
                with suppress(KeyboardInterrupt):
                    _watch(session, power)
            else:
                _once(session, power)
        except PowerMissing as missing:
            _servers(session, str(missing))
        except Unreachable:
            _servers(session, "The power switch does not answer.")


def _once(session: Session, power: Power) -> None:
    found, output = power.status(), session.output
    if output.json:
        output.answer(dict(found.data))
        return
    output.console.print(Chain(found))
    if found.state == "on":
        output.console.print(servers_table(look_at_servers(session.config)))


def _watch(session: Session, power: Power) -> None:
    output = session.output
    if not output.console.is_terminal or output.json:
        changes = Changes(output, to_stdout=True)
        while True:
            found = power.status()
            if output.json:
                output.answer(dict(found.data))
            else:
                changes(found)
            time.sleep(WATCH_SECONDS)
    chain = Chain()
    with Live(chain, console=output.console, refresh_per_second=4):
        while True:
            chain.update(power.status())
            time.sleep(WATCH_SECONDS)


def _servers(session: Session, why: str) -> None:
    """Of servers that have no power switch. Raises Unreachable, or exits, if nobody answers."""
    found, output = look_at_servers(session.config), session.output
    told = {"power": None, **{server.called: server.as_json() for server in found}}
    nobody = None if any(server.there for server in found) else Unreachable(found[0].why)
    if not output.json:
        output.console.print(servers_table(found))
        if nobody is not None:
            raise nobody
        output.say(why)
        return
    if nobody is None:
        output.answer({"success": True, **told})
        return
    click.echo(f"gpuvoice: {nobody}", err=True)
    output.answer({**failure(str(nobody), "Unreachable", nobody.exit_code), **told})
    raise click.exceptions.Exit(nobody.exit_code)
