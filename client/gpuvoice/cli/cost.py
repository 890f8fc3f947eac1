"""`gpuvoice cost`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click
from rich.table import Table

from gpuvoice.aws.failures import AwsFailed
from gpuvoice.aws.months import CALL_USD, Month
from gpuvoice.cli.doctor import named
from gpuvoice.cli.options import connecting
from gpuvoice.cli.output import Output
from gpuvoice.cli.session import Session
from gpuvoice.costs.counted import Spent, counted, spent
from gpuvoice.costs.estimate import Estimate, estimate, hours_of, instance_of
from gpuvoice.costs.prices import INSTANCES, REGIONS, Region
from gpuvoice.errors import GpuVoiceError, MissingExtra

TYPES = [each.name for each in INSTANCES]


@click.command()
@click.option(
    "--hours-per-day",
    metavar="HOURS",
    type=click.FloatRange(0, 24),
    default=4,
    show_default=True,
    help="How long the GPU is on, starts included.",
)
@click.option(
    "--days",
    type=click.FloatRange(0, 31),
    default=22,
    show_default=True,
    help="On so many days a month.",
)
@click.option("--gpu-off", is_flag=True, help="What is paid when nobody ever starts it.")
@click.option("--spot", is_flag=True, help="With a Spot instance.")
@click.option("--region", type=click.Choice(REGIONS), default=REGIONS[0], show_default=True)
@click.option("--instance", type=click.Choice(TYPES), default=TYPES[0], show_default=True)
@click.option("--month", is_flag=True, help="Also what AWS has counted since the first.")
@click.option(
    "--env",
    "environment",
    metavar="NAME",
    help="Of that environment (dev unless named); with credentials it implies --month.",
)
@connecting
def cost(
    session: Session,
    hours_per_day: float,
    days: float,
    gpu_off: bool,
    spot: bool,
    region: Region,
    instance: str,
    month: bool,
    environment: str | None,
) -> None:
    """Estimate what a deployment costs a month.

    By part, for a stack with default settings, from AWS's list prices: taxes and credits are not
    in it.

    With --month also what AWS has counted since the first of the month, by service: it needs
    `gpuvoice[aws]` and credentials with the right ce:GetCostAndUsage. Each such call costs $0.01,
    the figures are up to a day late, and AWS counts by the tags `project` and `environment` only
    from the day on which both were activated as cost allocation tags (Billing, in the payer's
    account). Beside it stands what the power controller has counted, which knows the GPU alone.
    """
    hours = 0.0 if gpu_off else hours_of(hours_per_day, days)
    guess = estimate(region, instance_of(instance), gpu_hours=hours, spot=spot)
    found = told = None
    if month or environment is not None:
        found = _counted(session.output, named(environment or "dev"), needed=month)
        told = _told(session)
    if session.output.json:
        answer: dict[str, Any] = {"success": True, "estimate": asdict(guess)}
        if month or environment is not None:
            answer["month"] = None if found is None else _plain(found)
            answer["power"] = None if told is None else asdict(told)
        session.output.answer(answer)
        return
    session.output.console.print(_estimate_table(guess))
    if found is not None:
        _show_month(session.output, found)
    if told is not None:
        limit = f" of ${told.limit_usd:.2f}" if told.limit_usd else ""
        session.output.data(f"The power controller has counted ${told.usd:.2f}{limit}: GPU alone.")


def _counted(output: Output, environment: str, *, needed: bool) -> Month | None:
    """None where it was not asked for by name, and cannot be known."""
    output.say(f"Asking Cost Explorer: that costs ${CALL_USD:.2f}.")
    try:
        return counted(environment)
    except (AwsFailed, MissingExtra) as error:
        if needed:
            raise
        output.say(str(error))
        return None


def _told(session: Session) -> Spent | None:
    try:
        return spent(session.config)
    except GpuVoiceError as error:
        session.output.say(f"The power controller's own count is not known. {error}")
        return None


def _plain(month: Month) -> dict[str, Any]:
    return {
        "began": month.began.isoformat(),
        "until": month.until.isoformat(),
        "together_usd": month.together_usd,
        "by_service": dict(month.by_service),
        "calls": month.calls,
    }


def _estimate_table(guess: Estimate) -> Table:
    how = f"{guess.instance}, {guess.bought}, {guess.gpu_hours:g} h of GPU, {guess.region}"
    table = _table("part", "how many a month")
    for line in guess.lines:
        table.add_row(line.part, line.counted, f"{line.usd:.2f}")
    table.add_section()
    for name, why, usd in (
        ("Together", how, guess.together_usd),
        ("with free allowances", "where your account has them", guess.with_allowances_usd),
        ("of it while the GPU is off", "with free allowances", guess.gpu_off_usd),
        ("always on, for comparison", "730 h, with free allowances", guess.always_on_usd),
    ):
        table.add_row(f"[bold]{name}[/]", why, f"[bold]{usd:.2f}[/]")
    return table


def _show_month(output: Output, month: Month) -> None:
    table = _table("service", f"counted from {month.began:%d %B} on")
    for service, usd in month.by_service:
        table.add_row(service, "", f"{usd:.2f}")
    table.add_section()
    table.add_row("[bold]Together[/]", "", f"[bold]{month.together_usd:.2f}[/]")
    output.console.print(table)
    if not month.by_service:
        output.say(
            "AWS has counted nothing under these tags. Activate the cost allocation tags `project` "
            "and `environment` in Billing; figures are a day late."
        )


def _table(*titles: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in titles:
        table.add_column(title)
    table.add_column("$ a month" if titles[0] == "part" else "$", justify="right")
    return table
