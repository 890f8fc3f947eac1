"""`gpuvoice up`."""

from __future__ import annotations

from typing import Any

import click

from gpuvoice.cli.facts import clock, here
from gpuvoice.cli.options import connecting
from gpuvoice.cli.output import Output
from gpuvoice.cli.session import Session
from gpuvoice.cli.spans import Hours
from gpuvoice.cli.starting import start_and_wait
from gpuvoice.errors import NotReady
from gpuvoice.power import Power


@click.command()
@click.option("--for", "hours", metavar="SPAN", type=Hours(), help="Keep it on for 2h, 90m, 1h30m.")
@click.option("--why", metavar="TEXT", help="What it is needed for; others see it.")
@click.option("--force", is_flag=True, help="Also in quiet hours, or soon after a failed start.")
@click.option("--no-wait", is_flag=True, help="Only ask for it.")
@connecting
def up(session: Session, hours: float | None, why: str | None, force: bool, no_wait: bool) -> None:
    """Start the GPU and wait until it is on.

    With --for it stays on for so long, whoever calls or does not; `gpuvoice lease release` ends
    that. Without, it stops by itself some minutes after the last call. Ctrl-C ends the waiting,
    not the start.
    """
    output = session.output
    with session.power() as power:
        told = _asked(power, output, hours, why or "gpuvoice up", force)
        if hours is not None:
            made = told["lease"]
            output.say(f"Lease {made['id']} until {clock(made['expires_at'], here())}.")
        if not no_wait:
            status = start_and_wait(power, output, session.patience.busy_seconds)
            told = {**told, "state": status.state, "eta_seconds": 0}
    if output.json:
        output.answer(told)
    else:
        output.say(
            "The GPU is on." if told["state"] == "on" else str(told.get("message") or "Asked.")
        )


def _asked(
    power: Power, output: Output, hours: float | None, reason: str, force: bool
) -> dict[str, Any]:
    try:
        if hours is not None:
            return power.lease(hours, reason)
        return power.start(force=force, reason=reason)
    except NotReady as error:
        # The sentence of the switch speaks of its own calls.
        if error.state in ("quiet", "backoff"):
            output.say("All the same: gpuvoice up --force, or --for 2h --why ...")
        if error.state == "budget":
            output.say("All the same: gpuvoice lease make 1h --why ... --override-budget")
        raise
