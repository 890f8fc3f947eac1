"""`gpuvoice lease`: who keeps the GPU on, until when, and why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from gpuvoice.answers import NO_SUCH_PATH
from gpuvoice.cli.facts import clock, here
from gpuvoice.cli.options import connecting
from gpuvoice.cli.output import Output
from gpuvoice.cli.session import Session
from gpuvoice.cli.spans import Hours
from gpuvoice.errors import RequestRefused
from gpuvoice.power import Power


class _ListByItself(click.Group):
    """Without a command it is `list`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_ListByItself)
def lease() -> None:
    """Keep the GPU on for some hours.

    Without a command it lists the leases that there are.
    """


@lease.command("list")
@connecting
def show(session: Session) -> None:
    """List the leases that there are."""
    with session.power() as power:
        leases = power.leases()
    _show(session.output, leases)


@lease.command()
@click.argument("hours", metavar="SPAN", type=Hours())
@click.option("--why", metavar="TEXT", required=True, help="What it is needed for.")
@click.option("--override-budget", is_flag=True, help="Also past the budget of the month.")
@connecting
def make(session: Session, hours: float, why: str, override_budget: bool) -> None:
    """Keep it on for SPAN (2h, 90m, 1h30m) from now, and start it."""
    with session.power() as power:
        told = power.lease(hours, why, override_budget=override_budget)
    _told(session.output, told)


@lease.command()
@click.argument("lease_id", metavar="ID")
@click.argument("hours", metavar="SPAN", type=Hours())
@connecting
def extend(session: Session, lease_id: str, hours: float) -> None:
    """Keep a lease for SPAN from now on, whatever was left of it."""
    with session.power() as power, _a_switch(power):
        told = power.extend_lease(lease_id, hours)
    _told(session.output, told)


@lease.command()
@click.argument("lease_id", metavar="ID")
@connecting
def release(session: Session, lease_id: str) -> None:
    """End a lease before its time."""
    with session.power() as power, _a_switch(power):
        told = power.release_lease(lease_id)
    if session.output.json:
        session.output.answer(told)
    else:
        session.output.say(f"Lease {lease_id} is released.")


@contextmanager
def _a_switch(power: Power) -> Iterator[None]:
    """404 for one lease: it is not there, or there is no power switch, which raises
    PowerMissing."""
    try:
        yield
    except RequestRefused as error:
        if error.status in NO_SUCH_PATH:
            power.leases()
        raise


def _told(output: Output, told: dict[str, Any]) -> None:
    if output.json:
        output.answer(told)
        return
    made = told["lease"]
    output.data(str(made["id"]))
    output.say(
        f"{made['owner']} keeps it on until {clock(made['expires_at'], here())}: {made['reason']}."
    )


def _show(output: Output, leases: list[dict[str, Any]]) -> None:
    if output.json:
        output.answer({"success": True, "leases": leases, "count": len(leases)})
        return
    if not leases:
        output.say("Nobody holds a lease.")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("id", "owner", "until", "cost", "reason"):
        table.add_column(title)
    for each in leases:
        price = f"${float(each.get('price_usd') or 0):.2f}"
        table.add_row(
            each["id"],
            each["owner"],
            clock(each["expires_at"], here()),
            price,
            Text(each["reason"]),
        )
    output.console.print(table)
