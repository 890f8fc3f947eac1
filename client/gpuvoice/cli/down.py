"""`gpuvoice down`."""

from __future__ import annotations

import click

from gpuvoice.cli.options import connecting
from gpuvoice.cli.session import Session
from gpuvoice.errors import RequestRefused

CONFLICT = 409


@click.command()
@click.option("--force", is_flag=True, help="Although somebody else holds a lease on it.")
@click.option("--why", metavar="TEXT", help="The reason, which others see.")
@connecting
def down(session: Session, force: bool, why: str | None) -> None:
    """Stop the GPU as soon as nothing is under way.

    Within half an hour; a later start, lease or call undoes that or starts it again.
    """
    with session.power() as power:
        try:
            told = power.stop(force=force, reason=why)
        except RequestRefused as error:
            if error.status == CONFLICT:
                session.output.say("All the same: gpuvoice down --force")
            raise
    if session.output.json:
        session.output.answer(told)
    else:
        session.output.say(str(told.get("message") or "It is being stopped."))
